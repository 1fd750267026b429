//! The JSON client of a running server's API: finds the server and its token, speaks, and turns a
//! problem (RFC 9457) into a sentence.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::{self, Method, header};

use super::DataFolder;
use crate::api::Problem;

/// The server leaves its URL here, in the data folder.
pub const URL_FILE: &str = "api.url";

/// How long an answer may take: a login rings a phone.
const ANSWER_MAX: Duration = Duration::from_secs(90);
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// Which running server to talk to.
#[derive(Clone, Debug, clap::Args)]
pub struct Server {
    /// The server's API [default: what the server left in DIR/api.url]
    #[arg(long, value_name = "URL", env = "OUTDIAL_URL", help_heading = "Server")]
    url: Option<String>,
    /// Its token; prefer the variable, for other users can read a command line [default: what
    /// the server left in DIR/api.token]
    #[arg(long, value_name = "TOKEN", env = "OUTDIAL_TOKEN", hide_env_values = true)]
    #[arg(help_heading = "Server")]
    token: Option<String>,
    #[command(flatten)]
    folder: DataFolder,
}

/// Which server is asked, and how its answer is printed.
#[derive(Debug, clap::Args)]
pub struct Shown {
    /// Print JSON as the API gives it
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: Server,
}

/// Why the server could not be asked, or what it answered instead.
#[derive(Debug, thiserror::Error)]
pub enum ClientFault {
    /// The server's answer is not what this version expects.
    #[error("the server at {url} gave an answer that is not understood: {why}")]
    Answer {
        /// Whose.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// No server has left its URL.
    #[error(
        "no server is known: {} is not there. Start one (outdial serve), or say --url or --data",
        .0.display()
    )]
    NoServer(PathBuf),
    /// The token's file cannot be read.
    #[error("the API token cannot be read from {}; say OUTDIAL_TOKEN or --data", .file.display())]
    NoToken {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The server says no.
    #[error("{0}")]
    Refused(Problem),
    /// Nobody listens, or the connection broke.
    #[error("the server at {url} cannot be reached: {why}")]
    Unreachable {
        /// Where.
        url: String,
        /// Why not.
        why: String,
    },
}

impl Server {
    /// The data folder, for what is done without a server.
    pub fn data(&self) -> &Path {
        &self.folder.data
    }

    /// A client of the server.
    ///
    /// # Errors
    /// [`ClientFault::NoServer`] when none is named and none has run in the data folder,
    /// [`ClientFault::NoToken`] when its token cannot be read.
    pub fn client(&self) -> Result<Client, ClientFault> {
        let url = self.url.clone().map_or_else(|| url_in(self.data()), Ok)?;
        let token = self.token.clone().map_or_else(|| token_in(self.data()), Ok)?;
        Ok(Client::new(url.trim(), token.trim()))
    }

    /// Whether the person has named a server; otherwise it is the one of the data folder, if one
    /// runs there.
    pub fn is_named(&self) -> bool {
        self.url.is_some()
    }
}

fn url_in(data: &Path) -> Result<String, ClientFault> {
    let file = data.join(URL_FILE);
    fs::read_to_string(&file).map_err(|_| ClientFault::NoServer(file))
}

fn token_in(data: &Path) -> Result<String, ClientFault> {
    let file = data.join(crate::api::Token::FILE);
    fs::read_to_string(&file).map_err(|source| ClientFault::NoToken { file, source })
}

/// Speaks to one server.
pub struct Client {
    agent: ureq::Agent,
    url: String,
    token: String,
}

impl Client {
    /// A client of the server that runs on a data folder.
    ///
    /// # Errors
    /// [`ClientFault::NoServer`], [`ClientFault::NoToken`].
    pub fn in_folder(data: &Path) -> Result<Self, ClientFault> {
        Ok(Self::new(url_in(data)?.trim(), token_in(data)?.trim()))
    }

    /// A client of the server at `url` (`http://127.0.0.1:8080`). The token goes nowhere else: no
    /// proxy is asked and no redirection followed.
    pub fn new(url: &str, token: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_MAX))
            .timeout_global(Some(ANSWER_MAX))
            .user_agent(concat!("outdial/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            agent: config.into(),
            url: url.trim_end_matches('/').to_owned(),
            token: token.to_owned(),
        }
    }

    /// What lies at `path` (`/v1/campaigns`).
    ///
    /// # Errors
    /// [`ClientFault`].
    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientFault> {
        self.ask(Method::GET, path, None)
    }

    /// Sends `body` to `path` and reads the answer.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientFault> {
        let body = serde_json::to_vec(body).map_err(|error| self.answer(&error))?;
        self.ask(Method::POST, path, Some(body))
    }

    /// Changes what lies at `path`.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub fn patch<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientFault> {
        let body = serde_json::to_vec(body).map_err(|error| self.answer(&error))?;
        self.ask(Method::PATCH, path, Some(body))
    }

    /// Where the server is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends `body` to `path`, where nothing is answered.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub fn tell(&self, path: &str, body: &impl Serialize) -> Result<(), ClientFault> {
        let body = serde_json::to_vec(body).map_err(|error| self.answer(&error))?;
        self.send(Method::POST, path, Some(body)).map(|_| ())
    }

    /// Deletes what lies at `path`.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub fn delete(&self, path: &str) -> Result<(), ClientFault> {
        self.send(Method::DELETE, path, None).map(|_| ())
    }

    fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<T, ClientFault> {
        let mut response = self.send(method, path, body)?;
        response.body_mut().read_json().map_err(|error| self.answer(&error))
    }

    fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<http::Response<ureq::Body>, ClientFault> {
        let unreachable = |why: &dyn std::fmt::Display| ClientFault::Unreachable {
            url: self.url.clone(),
            why: why.to_string(),
        };
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::ACCEPT, "application/json");
        let sent = match body {
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(body)
                .map(|request| self.agent.run(request)),
            None => request.body(()).map(|request| self.agent.run(request)),
        };
        let response = sent.map_err(|error| unreachable(&error))?.map_err(|e| unreachable(&e))?;
        if response.status().is_success() { Ok(response) } else { Err(self.refusal(response)) }
    }

    fn refusal(&self, mut response: http::Response<ureq::Body>) -> ClientFault {
        let status = response.status();
        match response.body_mut().read_json() {
            Ok(problem) => ClientFault::Refused(problem),
            Err(_) => self.answer(&format!("HTTP {status} without a problem document")),
        }
    }

    fn answer(&self, why: &dyn std::fmt::Display) -> ClientFault {
        ClientFault::Answer { url: self.url.clone(), why: why.to_string() }
    }
}

/// A campaign's name, as an argument.
///
/// # Errors
/// The sentence for the person when no campaign can have that name.
pub fn campaign_name(text: &str) -> Result<String, String> {
    let shaped = (1..=64).contains(&text.len())
        && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
    if shaped {
        Ok(text.to_owned())
    } else {
        Err("a campaign's name is 1 to 64 of a-z, 0-9, _ and -".to_owned())
    }
}
