//! A session on a server: requests with its token, which is renewed where it runs out.

use std::{
    io::Read,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use ureq::{
    Agent, Body, SendBody,
    http::{Response, header},
    tls::{RootCerts, TlsConfig, TlsProvider},
};

use super::{
    account::{Account, Credentials},
    answer::{header_text, is_upload_error, language, parsed, pause, problem, text},
    query,
};
use crate::cli::{Failure, interrupt::Interrupt};

/// The longest silence of a server: a large spreadsheet is made before its first byte is sent.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(600);

/// A session on a server.
pub(in crate::cli) struct Session {
    agent: Agent,
    url: String,
    token: String,
    /// The refresh token of a login, which is ended with the session.
    refresh_token: Option<String>,
    /// The service account that gets a new token when one runs out.
    account: Option<Account>,
    /// How long a request is sent again after a failure that may pass.
    patience: Duration,
    interrupt: Interrupt,
}

fn agent() -> Agent {
    // The system's own trust store, so that an office's own certificate authority works.
    let tls = TlsConfig::builder().provider(TlsProvider::NativeTls).root_certs(RootCerts::PlatformVerifier).build();
    Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        // No redirects, so that a token goes nowhere but to its server.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(Duration::from_secs(15)))
        .timeout_per_read(Some(SILENCE_TIMEOUT))
        .user_agent(concat!("mahalleh/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
}

impl Session {
    /// The server's bare origin.
    pub(in crate::cli) fn origin(&self) -> &str {
        &self.url
    }

    /// A session that has no token yet.
    pub(super) fn new(url: &str) -> Self {
        Self {
            agent: agent(),
            url: url.to_owned(),
            token: String::new(),
            refresh_token: None,
            account: None,
            patience: Duration::ZERO,
            interrupt: Interrupt::default(),
        }
    }

    /// The session with a given token.
    pub(super) fn with_token(self, token: String) -> Self {
        Self { token, ..self }
    }

    /// The session of a service account.
    ///
    /// # Errors
    /// Where the server can't be reached or refuses.
    pub(super) fn for_client(mut self, account: Account) -> Result<Self, Failure> {
        let given = self.exchange(&account)?;
        self.account = Some(account);
        self.begun(&given)
    }

    /// The session of a user who logs in.
    ///
    /// # Errors
    /// Where the server can't be reached or refuses.
    pub(super) fn log_in(self, login: &Value) -> Result<Self, Failure> {
        let pair = self.post("/auth/login", login)?;
        self.begun(&pair)
    }

    fn begun(mut self, given: &Value) -> Result<Self, Failure> {
        self.keep(given).ok_or_else(|| Failure::broken("The server gives no token; is it a Mahalleh?"))?;
        Ok(self)
    }

    /// From now on sends requests again for so long, or until interrupted, where the server restarts, is busy, or asks for a pause.
    pub(in crate::cli) fn be_patient(&mut self, patience: Duration, interrupt: &Interrupt) {
        (self.patience, self.interrupt) = (patience, interrupt.clone());
    }

    /// Reads from a path below `/api/v1`, query included; the body is still to be read.
    ///
    /// # Errors
    /// Where the server can't be reached or refuses.
    pub(in crate::cli) fn get(&mut self, path: &str) -> Result<Response<Body>, Failure> {
        self.answered(|session| {
            let request = session.agent.get(session.address(path)).header(header::ACCEPT_LANGUAGE, language());
            request.header(header::AUTHORIZATION, session.bearer()).call()
        })
    }

    /// Reads JSON from a path.
    ///
    /// # Errors
    /// As [`Session::get`], and where the answer is no JSON.
    pub(in crate::cli) fn json(&mut self, path: &str) -> Result<Value, Failure> {
        self.get(path).and_then(parsed)
    }

    /// The id of the user or service account of this session.
    ///
    /// # Errors
    /// As [`Session::json`].
    pub(in crate::cli) fn user_id(&mut self) -> Result<String, Failure> {
        let me = self.json("/me")?;
        let id = me.get("user_id").and_then(Value::as_str);
        id.map(str::to_owned).ok_or_else(|| Failure::broken("The server does not say who this is; is it a Mahalleh?"))
    }

    /// Posts an empty body to a path.
    ///
    /// # Errors
    /// As [`Session::json`].
    pub(in crate::cli) fn ask(&mut self, path: &str) -> Result<Value, Failure> {
        let answer = self.answered(|session| {
            let request = session.agent.post(session.address(path)).header(header::ACCEPT_LANGUAGE, language());
            request.header(header::AUTHORIZATION, session.bearer()).send_empty()
        });
        answer.and_then(parsed)
    }

    /// Posts a file to a path, under a key by which the server recognizes a second attempt; `open` opens the file from its beginning, and
    /// gives its size, at each attempt.
    ///
    /// # Errors
    /// As [`Session::json`].
    pub(in crate::cli) fn upload<R: Read>(
        &mut self,
        path: &str,
        key: &str,
        mut open: impl FnMut() -> std::io::Result<(R, u64)>,
    ) -> Result<Value, Failure> {
        let answer = self.answered(|session| {
            let (mut file, size) = open()?;
            let request = session.agent.post(session.address(path)).header(header::ACCEPT_LANGUAGE, language());
            let request = request.header(header::AUTHORIZATION, session.bearer()).header("idempotency-key", key);
            let request = request.header(header::CONTENT_TYPE, "application/octet-stream").header(header::CONTENT_LENGTH, size);
            request.send(SendBody::from_reader(&mut file))
        });
        answer.and_then(parsed)
    }

    fn address(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.url)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.post_as(path, "application/json", body.to_string())
    }

    fn post_as(&self, path: &str, media_type: &str, body: String) -> Result<Value, Failure> {
        let request = self.agent.post(self.address(path));
        let request = request.header(header::ACCEPT_LANGUAGE, language()).header(header::CONTENT_TYPE, media_type);
        let answer = text(self.judged(request.send(body))?);
        Ok(serde_json::from_str(&answer).unwrap_or_default())
    }

    /// A token for a service account (RFC 6749 §4.4).
    fn exchange(&self, account: &Account) -> Result<Value, Failure> {
        let Credentials { client_id, client_secret } = account.credentials()?;
        let form = [("grant_type", "client_credentials"), ("client_id", &client_id), ("client_secret", &client_secret)];
        self.post_as("/oauth/token", "application/x-www-form-urlencoded", query(form.into_iter()))
    }

    /// Sends until there is an answer to keep: renews a token that ran out, and sends again after a failure that may pass.
    fn answered(&mut self, mut send: impl FnMut(&Self) -> Result<Response<Body>, ureq::Error>) -> Result<Response<Body>, Failure> {
        let began = Instant::now();
        let mut renewed = false;
        loop {
            let answer = send(self);
            if !renewed && answer.as_ref().is_ok_and(|response| response.status() == 401) {
                renewed = true;
                if self.renew() {
                    continue;
                }
            }
            match pause(&answer).filter(|pause| began.elapsed() + *pause <= self.patience) {
                Some(time) if !self.interrupt.is_asked() => self.interrupt.pause(time),
                _ => return self.judged(answer),
            }
        }
    }

    /// Gets a new token for the one that ran out; `false` where there is none to be had.
    fn renew(&mut self) -> bool {
        let given = match (&self.account, &self.refresh_token) {
            (Some(account), _) => self.exchange(account),
            (None, Some(refresh_token)) => self.post("/auth/refresh", &json!({"refresh_token": refresh_token})),
            (None, None) => return false,
        };
        given.is_ok_and(|given| self.keep(&given).is_some())
    }

    fn keep(&mut self, pair: &Value) -> Option<()> {
        let text = |name: &str| pair.get(name).and_then(Value::as_str).map(str::to_owned);
        self.token = text("access_token")?;
        self.refresh_token = text("refresh_token");
        Some(())
    }

    /// Ends a login; one that can't be ended expires.
    pub(in crate::cli) fn close(self) {
        if let Some(refresh_token) = &self.refresh_token {
            drop(self.post("/auth/logout", &json!({"refresh_token": refresh_token})));
        }
    }

    fn judged(&self, answered: Result<Response<Body>, ureq::Error>) -> Result<Response<Body>, Failure> {
        let response = answered.map_err(|error| match error {
            ureq::Error::Io(error) if is_upload_error(&error) => Failure::broken(&error.to_string()),
            error => Failure::broken(&format!("{} can't be reached: {error}.", self.url)),
        })?;
        let status = response.status().as_u16();
        let wait = header_text(response.headers(), header::RETRY_AFTER.as_str()).and_then(|text| text.parse::<u64>().ok());
        let wait = wait.filter(|seconds| *seconds > 1).map(|seconds| format!("\nTry again in {seconds} seconds.")).unwrap_or_default();
        match status {
            200..300 => Ok(response),
            300..400 => {
                let there = header_text(response.headers(), header::LOCATION.as_str()).unwrap_or("elsewhere").to_owned();
                Err(Failure::broken(&format!("{} sends one on to {there}; give that server as --url.", self.url)))
            }
            400..500 => Err(Failure::refused(problem(status, &text(response)) + &wait)),
            _ => Err(Failure::broken(&(problem(status, &text(response)) + &wait))),
        }
    }
}
