//! A client of the API, for the commands that speak to a server.

mod account;
mod answer;

use std::{
    fmt::Write,
    io::Read,
    path::PathBuf,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use ureq::{
    Agent, Body, SendBody,
    http::{Response, Uri, header},
    tls::{RootCerts, TlsConfig, TlsProvider},
};

use self::account::{Account, Credentials};
pub(super) use self::answer::{Own, header_text};
use self::answer::{is_own, language, parsed, pause, problem, text};
use super::{Failure, interrupt::Interrupt, user::read_secret};

/// The longest silence of a server: a large spreadsheet is made before its first byte is sent.
const PATIENCE: Duration = Duration::from_secs(600);

/// Which server, and who one is there.
#[derive(Debug, clap::Args)]
pub(super) struct Remote {
    /// The server.
    #[arg(long, env = "MAHALLEH_URL", default_value = "http://127.0.0.1:8080", value_parser = server)]
    pub url: String,
    /// The name for logging in; the password comes from `--password-file` or `MAHALLEH_PASSWORD`.
    #[arg(long, env = "MAHALLEH_USER")]
    pub user: Option<String>,
    /// The file with the password, or `-` for standard input.
    #[arg(long)]
    password_file: Option<PathBuf>,
    /// The file with an access token, in the place of a name; or the token in `MAHALLEH_TOKEN`.
    #[arg(long, conflicts_with_all = ["user", "password_file"])]
    token_file: Option<PathBuf>,
    /// The file with a service account, in the place of a name: the JSON that made it, with `client_id` and `client_secret`, or `-`
    /// for standard input; or the two in `MAHALLEH_CLIENT_ID` and `MAHALLEH_CLIENT_SECRET`.
    #[arg(long, conflicts_with_all = ["user", "password_file", "token_file"])]
    client_file: Option<PathBuf>,
    /// The province's code; needed where the server has several.
    #[arg(long)]
    pub province: Option<String>,
}

/// The bare origin of a server.
fn server(text: &str) -> Result<String, String> {
    let uri: Uri = text.parse().map_err(|_| "an address such as https://mahalleh.example".to_owned())?;
    let bare = uri.path() == "/" && uri.query().is_none() && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    if bare && matches!(uri.scheme_str(), Some("http" | "https")) {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err("an address such as https://mahalleh.example, with no path and no name".to_owned())
    }
}

/// A session on a server.
pub(super) struct Session {
    agent: Agent,
    url: String,
    token: String,
    /// Of a login, which is ended with the session.
    refresh_token: Option<String>,
    /// What takes another token in the place of one that ran out.
    account: Option<Account>,
    /// How long what may pass is tried again.
    patience: Duration,
    interrupt: Interrupt,
}

impl Remote {
    /// Logs in, or takes the token that there is.
    ///
    /// # Errors
    /// Where neither is given, or the server refuses.
    pub(super) fn open(&self) -> Result<Session, Failure> {
        let mut session = Session {
            agent: agent(),
            url: self.url.clone(),
            token: String::new(),
            refresh_token: None,
            account: self.account()?,
            patience: Duration::ZERO,
            interrupt: Interrupt::default(),
        };
        if let Some(token) = self.token()? {
            session.token = token;
            return Ok(session);
        }
        let nothing = || Failure::broken("The server gives no token; is it a Mahalleh?");
        if let Some(account) = &session.account {
            let given = session.exchange(account)?;
            session.keep(&given).ok_or_else(nothing)?;
            return Ok(session);
        }
        let Some(user) = &self.user else {
            return Err(Failure::usage(
                "Give --user and its password, a service account by --client-file or MAHALLEH_CLIENT_ID and MAHALLEH_CLIENT_SECRET, \
                 or a token by --token-file or MAHALLEH_TOKEN.",
            ));
        };
        let mut login = json!({"username": user, "password": self.password()?});
        if let (Some(province), Some(fields)) = (&self.province, login.as_object_mut()) {
            fields.insert("province".to_owned(), json!(province));
        }
        let pair = session.post("/auth/login", &login)?;
        session.keep(&pair).ok_or_else(nothing)?;
        Ok(session)
    }

    fn token(&self) -> Result<Option<String>, Failure> {
        let token = match &self.token_file {
            Some(path) => Some(read_secret(path).map_err(|sentence| Failure::usage(&sentence))?),
            None if self.user.is_none() && self.client_file.is_none() => std::env::var("MAHALLEH_TOKEN").ok(),
            None => None,
        };
        Ok(token.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty()))
    }

    /// The service account, where nothing else was said.
    fn account(&self) -> Result<Option<Account>, Failure> {
        match &self.client_file {
            Some(path) => Account::of_file(path).map(Some),
            None if self.user.is_none() && self.token()?.is_none() => Ok(Account::of_environment()),
            None => Ok(None),
        }
    }

    fn password(&self) -> Result<String, Failure> {
        match &self.password_file {
            Some(path) => read_secret(path).map_err(|sentence| Failure::usage(&sentence)),
            None => std::env::var("MAHALLEH_PASSWORD")
                .map_err(|_| Failure::usage("Give the password by --password-file FILE (- for standard input) or MAHALLEH_PASSWORD.")),
        }
    }
}

fn agent() -> Agent {
    // What the system trusts, so that an office's own authority will do.
    let tls = TlsConfig::builder().provider(TlsProvider::NativeTls).root_certs(RootCerts::PlatformVerifier).build();
    Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        // A token goes where it was meant for and nowhere else.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(Duration::from_secs(15)))
        .timeout_per_read(Some(PATIENCE))
        .user_agent(concat!("mahalleh/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
}

impl Session {
    /// Tries what may pass again for so long, until it is interrupted: a server that starts anew, is busy, or wants a pause.
    pub(super) fn be_patient(&mut self, patience: Duration, interrupt: &Interrupt) {
        (self.patience, self.interrupt) = (patience, interrupt.clone());
    }

    /// Reads from a path below `/api/v1`, query included; the body is still to be read.
    ///
    /// # Errors
    /// Where the server can't be reached or refuses.
    pub(super) fn get(&mut self, path: &str) -> Result<Response<Body>, Failure> {
        self.answered(|session| {
            let request = session.agent.get(session.address(path)).header(header::ACCEPT_LANGUAGE, language());
            request.header(header::AUTHORIZATION, session.bearer()).call()
        })
    }

    /// Reads JSON from a path.
    ///
    /// # Errors
    /// As [`Session::get`], and where the answer is no JSON.
    pub(super) fn json(&mut self, path: &str) -> Result<Value, Failure> {
        self.get(path).and_then(parsed)
    }

    /// Who one is: a user's id, or a service account's.
    ///
    /// # Errors
    /// As [`Session::json`].
    pub(super) fn user_id(&mut self) -> Result<String, Failure> {
        let me = self.json("/me")?;
        let id = me.get("user_id").and_then(Value::as_str);
        id.map(str::to_owned).ok_or_else(|| Failure::broken("The server does not say who this is; is it a Mahalleh?"))
    }

    /// Posts nothing to a path, as this user.
    ///
    /// # Errors
    /// As [`Session::json`].
    pub(super) fn ask(&mut self, path: &str) -> Result<Value, Failure> {
        let answer = self.answered(|session| {
            let request = session.agent.post(session.address(path)).header(header::ACCEPT_LANGUAGE, language());
            request.header(header::AUTHORIZATION, session.bearer()).send_empty()
        });
        answer.and_then(parsed)
    }

    /// Posts a file to a path, under a key by which the server knows a second try; `open` gives its beginning and size each time.
    ///
    /// # Errors
    /// As [`Session::json`].
    pub(super) fn upload<R: Read>(
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

    /// Sends until there is an answer to keep: a token that ran out is renewed, and what may pass is tried again.
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

    /// Takes another token for the one that ran out.
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
    pub(super) fn close(self) {
        if let Some(refresh_token) = &self.refresh_token {
            drop(self.post("/auth/logout", &json!({"refresh_token": refresh_token})));
        }
    }

    fn judged(&self, answered: Result<Response<Body>, ureq::Error>) -> Result<Response<Body>, Failure> {
        let response = answered.map_err(|error| match error {
            ureq::Error::Io(error) if is_own(&error) => Failure::broken(&error.to_string()),
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

/// The pairs as a query string.
pub(super) fn query<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let escaped = |text: &str| {
        text.bytes().fold(String::new(), |mut out, byte| {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b',' => out.push(char::from(byte)),
                _ => drop(write!(out, "%{byte:02X}")),
            }
            out
        })
    };
    pairs.map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_bare_origin() {
        assert_eq!(server("https://mahalleh.example/"), Ok("https://mahalleh.example".to_owned()));
        assert_eq!(server("http://127.0.0.1:8080"), Ok("http://127.0.0.1:8080".to_owned()));
        for wrong in ["", "mahalleh.example", "ftp://a", "https://a/api/v1", "https://a/?b=c", "https://user:secret@a"] {
            assert!(server(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_query_is_escaped() {
        assert_eq!(query([("q", "قم &=+"), ("code", "a,b")].into_iter()), "q=%D9%82%D9%85%20%26%3D%2B&code=a,b");
    }
}
