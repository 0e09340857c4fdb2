//! A client of the API, for the commands that speak to a server.

mod account;
mod answer;
mod session;

use std::path::PathBuf;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use ureq::http::Uri;

use self::account::Account;
pub(super) use self::{
    answer::{UploadError, header_text},
    session::Session,
};
use super::{Failure, user::read_secret};

/// What is escaped in a query string: all but letters, digits, the unreserved signs (RFC 3986 §2.3) and the comma.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b',');

/// Which server, and how to log in there.
#[derive(Debug, clap::Args)]
pub(super) struct Remote {
    /// The server.
    // Checked later, in a message that does not repeat it: somebody may have put a password into it.
    #[arg(long, env = "MAHALLEH_URL", hide_env_values = true, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// The name for logging in, or `MAHALLEH_USER`; the password comes from `--password-file` or `MAHALLEH_PASSWORD`.
    // Not read from the environment by clap: the variable must not conflict with the flags of another way to log in.
    #[arg(long)]
    user: Option<String>,
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

/// The bare origin of a server; none where the text is something else.
fn origin(text: &str) -> Option<String> {
    let uri: Uri = text.parse().ok()?;
    let bare = uri.path() == "/" && uri.query().is_none() && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    (bare && matches!(uri.scheme_str(), Some("http" | "https"))).then(|| text.trim_end_matches('/').to_owned())
}

impl Remote {
    /// The server's bare origin.
    ///
    /// # Errors
    /// Where what was given is none.
    pub(super) fn origin(&self) -> Result<String, Failure> {
        origin(&self.url).ok_or_else(|| {
            Failure::usage("--url, or MAHALLEH_URL, must be an address such as https://mahalleh.example, with no path, name or password.")
        })
    }

    /// Logs in, or takes the token that there is.
    ///
    /// # Errors
    /// Where neither is given, or the server refuses.
    pub(super) fn open(&self) -> Result<Session, Failure> {
        let session = Session::new(&self.origin()?);
        if let Some(token) = self.token()? {
            return Ok(session.with_token(token));
        }
        if let Some(account) = self.account()? {
            return session.for_client(account);
        }
        let Some(user) = self.user() else {
            return Err(Failure::usage(
                "Give --user and its password, a service account by --client-file or MAHALLEH_CLIENT_ID and MAHALLEH_CLIENT_SECRET, \
                 or a token by --token-file or MAHALLEH_TOKEN.",
            ));
        };
        let mut login = json!({"username": user, "password": self.password()?});
        if let (Some(province), Some(fields)) = (&self.province, login.as_object_mut()) {
            fields.insert("province".to_owned(), json!(province));
        }
        session.log_in(&login)
    }

    /// The name for logging in.
    fn user(&self) -> Option<String> {
        self.user.clone().or_else(|| std::env::var("MAHALLEH_USER").ok()).filter(|name| !name.is_empty())
    }

    fn token(&self) -> Result<Option<String>, Failure> {
        let token = match &self.token_file {
            Some(path) => Some(read_secret(path).map_err(Failure::usage)?),
            None if self.user().is_none() && self.client_file.is_none() => std::env::var("MAHALLEH_TOKEN").ok(),
            None => None,
        };
        let token = token.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty());
        if token.as_ref().is_some_and(|token| !token.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err(Failure::usage("An access token is one word of ASCII characters; this one has others."));
        }
        Ok(token)
    }

    /// The service account, where neither a token nor a user was given.
    fn account(&self) -> Result<Option<Account>, Failure> {
        match &self.client_file {
            Some(path) => Account::of_file(path).map(Some),
            None if self.user().is_none() => Ok(Account::of_environment()),
            None => Ok(None),
        }
    }

    fn password(&self) -> Result<String, Failure> {
        match &self.password_file {
            Some(path) => read_secret(path).map_err(Failure::usage),
            None => std::env::var("MAHALLEH_PASSWORD")
                .map_err(|_| Failure::usage("Give the password by --password-file FILE (- for standard input) or MAHALLEH_PASSWORD.")),
        }
    }
}

/// The pairs as a query string.
pub(super) fn query<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let escaped = |text| utf8_percent_encode(text, ESCAPED);
    pairs.map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_bare_origin() {
        assert_eq!(origin("https://mahalleh.example/").as_deref(), Some("https://mahalleh.example"));
        assert_eq!(origin("http://127.0.0.1:8080").as_deref(), Some("http://127.0.0.1:8080"));
        for wrong in ["", "mahalleh.example", "ftp://a", "https://a/api/v1", "https://a/?b=c", "https://user:secret@a"] {
            assert_eq!(origin(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_query_is_escaped() {
        assert_eq!(query([("q", "قم &=+"), ("code", "a,b")].into_iter()), "q=%D9%82%D9%85%20%26%3D%2B&code=a,b");
    }
}
