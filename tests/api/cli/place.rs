//! The program in a folder of its own, and servers of it.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query, sql_types::BigInt};
use mahalleh::db::Target;
use serde_json::{Value, json};

use crate::support::{Folder, databases, in_system};

pub const PATIENCE: Duration = Duration::from_secs(60);

/// A place to run the program in: its folder and its database.
pub struct Place {
    pub folder: Folder,
    pub url: Option<String>,
}

impl Place {
    /// The default database, under the folder.
    pub fn sqlite() -> Self {
        Self { folder: Folder::new(), url: None }
    }

    /// An empty PostgreSQL database; `None` where PostgreSQL is not installed.
    pub fn postgres() -> Option<Self> {
        match databases::empty_postgres()? {
            Target::Postgres(url) => Some(Self { folder: Folder::new(), url: Some(url) }),
            Target::Sqlite(_) => None,
        }
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mahalleh"));
        let ours = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("MAHALLEH_") || name.starts_with("DATABASE_"));
        for name in ours {
            command.env_remove(name);
        }
        if let Some(url) = &self.url {
            command.env("DATABASE_URL", url);
        }
        command.current_dir(self.folder.path()).args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the program runs")
    }

    /// Runs it, expects that it is done, and gives what it printed.
    #[track_caller]
    pub fn done(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", errors(&output));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Runs it, expects this exit code, and gives what it complained of.
    #[track_caller]
    pub fn refused(&self, code: i32, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", errors(&output));
        let errors = errors(&output);
        assert!(!errors.contains("panicked"), "{errors}");
        errors
    }

    pub fn with_input(&self, args: &[&str], input: &str) -> Output {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().expect("the program starts");
        child.stdin.take().expect("standard input is piped").write_all(input.as_bytes()).expect("it reads");
        child.wait_with_output().expect("it ends")
    }

    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    pub fn serve_with(&self, more: &[&str]) -> Server {
        self.begin(&[&["serve"], more].concat())
    }

    /// Starts a server by `serve` or `demo`.
    pub fn begin(&self, args: &[&str]) -> Server {
        self.begin_with_log(args, Stdio::null())
    }

    /// The same, with its log somewhere.
    pub fn begin_with_log(&self, args: &[&str], log: Stdio) -> Server {
        let somewhere = ["--bind", "127.0.0.1:0", "--management-bind", "127.0.0.1:0", "--workers", "1"];
        let mut child = self.command(&[args, &somewhere].concat()).stderr(log).spawn().expect("the program starts");
        let output = BufReader::new(child.stdout.take().expect("standard output is piped"));
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut said = Vec::new();
        let address = loop {
            let line = lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("the server does not come up; it said {said:?}"));
            let address = line.strip_prefix("Mahalleh listens on ").and_then(|rest| rest.split_whitespace().next()).map(str::to_owned);
            said.push(line);
            if let Some(address) = address {
                break address;
            }
        };
        Server { child, address, said }
    }

    /// The default SQLite database, opened beside the program.
    pub fn open(&self) -> SqliteConnection {
        SqliteConnection::establish(&self.folder.path().join("data/mahalleh.db").to_string_lossy()).expect("the database")
    }

    /// How many rows there are of the default SQLite database, of `table` or of `table WHERE condition`.
    pub fn count(&self, rows: &str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            n: i64,
        }
        sql_query(format!("SELECT count(*) AS n FROM {rows}")).get_result::<Count>(&mut self.open()).expect("a count").n
    }
}

pub fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A running server; killed where the test forgets it.
pub struct Server {
    pub child: Child,
    pub address: String,
    pub said: Vec<String>,
}

impl Server {
    /// The password that it printed.
    pub fn password(&self) -> Option<String> {
        self.said.iter().find_map(|line| line.split_once("password ")).map(|(_, password)| password.trim().to_owned())
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().expect("kill");
        assert!(sent.success());
    }

    /// Tells it to stop and gives its exit code.
    pub fn stop(mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the server does not stop");
    }

    pub fn log_in(&self, username: &str, password: &str, province: Option<&str>) -> (u16, Value) {
        let mut body = json!({"username": username, "password": password});
        if let Some(province) = province {
            body["province"] = json!(province);
        }
        self.send(reqwest::Method::POST, "/api/v1/auth/login", None, Some(body))
    }

    /// The token of the province's first user.
    pub fn province_token(&self, password: &str) -> String {
        let (status, pair) = self.log_in("province", password, None);
        assert_eq!(status, 200, "{pair}");
        pair["access_token"].as_str().expect("a token").to_owned()
    }

    pub fn send(&self, method: reqwest::Method, path: &str, token: Option<&str>, body: Option<Value>) -> (u16, Value) {
        in_system(async {
            let client = reqwest::Client::builder().no_proxy().build().expect("a client");
            let mut request = client.request(method, format!("{}{path}", self.address));
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            if let Some(body) = body {
                request = request.json(&body);
            }
            let response = request.send().await.expect("an answer");
            let status = response.status().as_u16();
            (status, serde_json::from_slice(&response.bytes().await.expect("a body")).unwrap_or_default())
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub fn password_file(place: &Place, text: &str) -> String {
    let path = place.folder.path().join("password.txt");
    std::fs::write(&path, text).expect("a file");
    path.to_string_lossy().into_owned()
}
