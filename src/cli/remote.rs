//! A client of the API, for the commands that speak to a server.

use std::{fmt::Write, io::Read, path::PathBuf, time::Duration};

use serde_json::{Value, json};
use ureq::{
    Agent, Body,
    http::{HeaderMap, Response, Uri, header},
    tls::{RootCerts, TlsConfig, TlsProvider},
};

use super::{Failure, user::read_password};

/// The longest silence of a server: a large spreadsheet is made before its first byte is sent.
const PATIENCE: Duration = Duration::from_secs(600);

/// The most that is read of an answer that is no file.
const MAX_ANSWER: u64 = 1 << 20;

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
}

impl Remote {
    /// Logs in, or takes the token that there is.
    ///
    /// # Errors
    /// Where neither is given, or the server refuses.
    pub(super) fn open(&self) -> Result<Session, Failure> {
        let mut session = Session { agent: agent(), url: self.url.clone(), token: String::new(), refresh_token: None };
        if let Some(token) = self.token()? {
            session.token = token;
            return Ok(session);
        }
        let Some(user) = &self.user else {
            return Err(Failure::usage("Give --user and its password, or a token by --token-file or MAHALLEH_TOKEN."));
        };
        let mut login = json!({"username": user, "password": self.password()?});
        if let (Some(province), Some(fields)) = (&self.province, login.as_object_mut()) {
            fields.insert("province".to_owned(), json!(province));
        }
        let pair = session.post("/auth/login", &login)?;
        let text = |name: &str| pair.get(name).and_then(Value::as_str).map(str::to_owned);
        session.token = text("access_token").ok_or_else(|| Failure::broken("The server gives no token; is it a Mahalleh?"))?;
        session.refresh_token = text("refresh_token");
        Ok(session)
    }

    fn token(&self) -> Result<Option<String>, Failure> {
        let token = match &self.token_file {
            Some(path) => Some(read_password(path).map_err(|sentence| Failure::usage(&sentence))?),
            None if self.user.is_none() => std::env::var("MAHALLEH_TOKEN").ok(),
            None => None,
        };
        Ok(token.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty()))
    }

    fn password(&self) -> Result<String, Failure> {
        match &self.password_file {
            Some(path) => read_password(path).map_err(|sentence| Failure::usage(&sentence)),
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
    /// Reads from a path below `/api/v1`, query included; the body is still to be read.
    ///
    /// # Errors
    /// Where the server can't be reached or refuses.
    pub(super) fn get(&self, path: &str) -> Result<Response<Body>, Failure> {
        let request = self.agent.get(format!("{}/api/v1{path}", self.url));
        let request = request.header(header::ACCEPT_LANGUAGE, language()).header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        self.judged(request.call())
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let request = self.agent.post(format!("{}/api/v1{path}", self.url));
        let request = request.header(header::ACCEPT_LANGUAGE, language()).header(header::CONTENT_TYPE, "application/json");
        let answer = text(self.judged(request.send(body.to_string()))?);
        Ok(serde_json::from_str(&answer).unwrap_or_default())
    }

    /// Ends a login; one that can't be ended expires.
    pub(super) fn close(self) {
        if let Some(refresh_token) = &self.refresh_token {
            drop(self.post("/auth/logout", &json!({"refresh_token": refresh_token})));
        }
    }

    fn judged(&self, answered: Result<Response<Body>, ureq::Error>) -> Result<Response<Body>, Failure> {
        let response = answered.map_err(|error| Failure::broken(&format!("{} can't be reached: {error}.", self.url)))?;
        let status = response.status().as_u16();
        match status {
            200..300 => Ok(response),
            300..400 => {
                let there = header_text(response.headers(), header::LOCATION.as_str()).unwrap_or("elsewhere").to_owned();
                Err(Failure::broken(&format!("{} sends one on to {there}; give that server as --url.", self.url)))
            }
            400..500 => Err(Failure::refused(problem(status, &text(response)))),
            _ => Err(Failure::broken(&problem(status, &text(response)))),
        }
    }
}

/// The value of a header.
pub(super) fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn text(response: Response<Body>) -> String {
    let mut bytes = Vec::new();
    // What is cut here is no JSON and is shown as it is.
    drop(response.into_body().into_reader().take(MAX_ANSWER).read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A problem document (RFC 9457) as lines for people.
fn problem(status: u16, answer: &str) -> String {
    let document: Value = serde_json::from_str(answer).unwrap_or_default();
    let word = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
    let Some(title) = word(&document, "title") else {
        return format!(
            "The server answers {status}: {}",
            answer.chars().filter(|letter| !letter.is_control()).take(200).collect::<String>()
        );
    };
    let mut lines = format!("{title} ({status})");
    if let Some(detail) = word(&document, "detail") {
        lines = format!("{lines}: {detail}");
    }
    for fault in document.get("errors").and_then(Value::as_array).into_iter().flatten() {
        let place = word(fault, "parameter").or_else(|| word(fault, "pointer")).unwrap_or_default();
        lines = format!("{lines}\n  {place}: {}", word(fault, "message").unwrap_or_default());
    }
    match word(&document, "request_id") {
        Some(id) => format!("{lines}\n  request_id: {id}"),
        None => lines,
    }
}

/// The language of the server's texts: Persian where the system's is.
fn language() -> &'static str {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    if set.is_some_and(|language| language.starts_with("fa")) { "fa" } else { "en" }
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

    #[test]
    fn a_problem_is_told_with_all_its_faults() {
        let answer = r#"{"title": "T", "detail": "D.", "errors": [{"parameter": "sort", "message": "M."}, {"pointer": "/a", "message": "N."}], "request_id": "r"}"#;
        assert_eq!(problem(400, answer), "T (400): D.\n  sort: M.\n  /a: N.\n  request_id: r");
        assert_eq!(problem(502, "<html>\n"), "The server answers 502: <html>");
    }
}
