//! One server, asked: every wait has an end, every answer a limit, and the credential goes to the server's own
//! origin alone. It decides nothing about what is asked for.

use super::address::{same_origin, shown};
use super::credential::private;
use super::trouble::{astray, failed, refusal, told};
use super::{Address, Secret, Sort, Trouble, retry};
use crate::config::{Patience, SourceSetting};
use crate::connector::Limits;
use crate::connector::inflate::inflate;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, Identity, Method, Proxy, Url, redirect};
use std::io::{Cursor, Read as _};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

/// The most redirects that are followed.
const REDIRECTS: usize = 5;
/// The most headers of one answer.
const HEADERS: usize = 100;
/// How often it is looked whether to stop.
const GLANCE: Duration = Duration::from_millis(50);

/// One question. Each may be asked twice without harm.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where.
    pub url: Url,
    /// What is posted, as JSON; otherwise it is a GET.
    pub post: Option<String>,
    /// The media types that are taken.
    pub accept: String,
    /// A token for this one question, in place of the credential.
    pub bearer: Option<String>,
    /// Whether it may be answered elsewhere, where no credential goes.
    pub elsewhere: bool,
}

impl Request {
    /// Asks for what lies there.
    pub fn get(url: Url) -> Request {
        Request { url, post: None, accept: "*/*".to_owned(), bearer: None, elsewhere: false }
    }

    /// Asks by posting a question.
    pub fn post(url: Url, body: String) -> Request {
        Request { post: Some(body), accept: "application/json".to_owned(), ..Request::get(url) }
    }
}

/// What was answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    headers: HeaderMap,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header, when it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A server and how to ask it.
pub struct Http {
    runtime: Runtime,
    client: Client,
    address: Address,
    secret: Option<Secret>,
    more: HeaderMap,
    patience: Patience,
    slots: Semaphore,
    started: Instant,
    asked: AtomicU64,
    most: u64,
    cancel: Arc<AtomicBool>,
}

fn seconds(length: f64) -> Duration {
    Duration::try_from_secs_f64(length).unwrap_or(Duration::from_secs(86_400))
}

impl Http {
    /// Makes ready to ask; nothing is asked yet.
    ///
    /// # Errors
    /// When the setting cannot be used.
    pub fn new(setting: &SourceSetting, secret: Option<Secret>, cancel: Arc<AtomicBool>) -> Result<Http, Trouble> {
        let wrong = |why: String| Trouble::new(Sort::Other, "", why);
        let address = Address::parse(&setting.url).map_err(wrong)?;
        let client = client(setting)?.build().map_err(|error| wrong(told(&error)))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("http")
            .enable_all()
            .build()
            .map_err(|error| wrong(format!("no threads to ask with: {error}")))?;
        let mut more = HeaderMap::new();
        if let Some(workspace) = &setting.workspace {
            let value =
                HeaderValue::from_str(workspace).map_err(|_| wrong("the workspace's name cannot be sent".into()))?;
            more.insert(HeaderName::from_static("x-mlflow-workspace"), value);
        }
        let patience = setting.patience;
        let slots = Semaphore::new(patience.at_once.clamp(1, 64));
        let (started, asked) = (Instant::now(), AtomicU64::new(0));
        Ok(Http { runtime, client, address, secret, more, patience, slots, started, asked, most: u64::MAX, cancel })
    }

    /// Lets no more requests be sent than this.
    #[must_use]
    pub fn at_most(self, most: u64) -> Http {
        Http { most, ..self }
    }

    /// Where it is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// How many requests were sent.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// How many may be under way at once.
    pub fn at_once(&self) -> usize {
        self.patience.at_once.clamp(1, 64)
    }

    /// Whether a credential is sent.
    pub fn has_secret(&self) -> bool {
        self.secret.is_some()
    }

    /// Asks until there is an answer of success.
    ///
    /// # Errors
    /// For every other answer, and for none.
    pub fn ask(&self, request: &Request) -> Result<Answer, Trouble> {
        let answer = self.answer(request)?;
        if (200..300).contains(&answer.status) {
            Ok(answer)
        } else {
            Err(refusal(&request.url, &answer, self.has_secret()))
        }
    }

    /// Asks until there is an answer, whatever its status.
    ///
    /// # Errors
    /// When there is none.
    pub fn answer(&self, request: &Request) -> Result<Answer, Trouble> {
        self.runtime.block_on(async {
            let late = |what: &str| Trouble::new(Sort::Late, shown(&request.url), what.to_owned());
            let left = seconds(self.patience.sync).saturating_sub(self.started.elapsed());
            let whole = seconds(self.patience.answer).min(left);
            tokio::select! {
                answer = self.tries(request) => answer,
                () = tokio::time::sleep(whole) => Err(late(
                    "no whole answer in the time it has; try again, or raise patience.answer or patience.sync in sources.toml")),
                () = self.cancelled() => Err(Trouble::new(Sort::Cancelled, "", "stopped")),
            }
        })
    }

    async fn cancelled(&self) {
        while !self.cancel.load(Ordering::Relaxed) {
            tokio::time::sleep(GLANCE).await;
        }
    }

    async fn tries(&self, request: &Request) -> Result<Answer, Trouble> {
        let mut tried = 0;
        loop {
            tried += 1;
            let once = self.once(request).await;
            let (asked, again) = match &once {
                Ok(answer) => (retry::asked_for(answer.header("retry-after")), retry::is_passing(answer.status)),
                Err(trouble) => (None, trouble.sort == Sort::Unreachable),
            };
            match retry::pause(tried, asked, &self.patience).filter(|_| again) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return once,
            }
        }
    }

    /// Asks once, following redirects within the origin.
    async fn once(&self, request: &Request) -> Result<Answer, Trouble> {
        let mut url = request.url.clone();
        for _ in 0..=REDIRECTS {
            let home = same_origin(&url, self.address.url());
            let client = if home { self.client.clone() } else { self.abroad(request, &url).await? };
            let answer = self.send(&client, request, &url, home).await?;
            let moved = matches!(answer.status, 301 | 302 | 303 | 307 | 308);
            let Some(target) = answer.header("location").filter(|_| moved) else { return Ok(answer) };
            let target = url.join(target).map_err(|_| astray(&url, "to what is no address"))?;
            if url.scheme() == "https" && target.scheme() != "https" {
                return Err(astray(&url, "from https to what can be read on the way"));
            }
            if !same_origin(&target, self.address.url()) && !request.elsewhere {
                let place = target.host_str().unwrap_or("another place").to_owned();
                return Err(astray(
                    &url,
                    &format!("to {place}, another origin; if that is where it lives now, add it under that address"),
                ));
            }
            url = target;
        }
        Err(astray(&url, "round and round"))
    }

    /// A client for another origin, to which no credential goes, and which is no place that only this machine
    /// can reach. The addresses looked at are those that are connected to.
    async fn abroad(&self, request: &Request, url: &Url) -> Result<Client, Trouble> {
        if !request.elsewhere || !matches!(url.scheme(), "http" | "https") {
            return Err(astray(url, "out of its origin"));
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = url.port_or_known_default().unwrap_or(443);
        let found = tokio::net::lookup_host((host.as_str(), port)).await;
        let found: Vec<_> = found.map_err(|error| astray(url, &format!("to {host}: {error}")))?.collect();
        let ours = self.address.url().host_str().unwrap_or_default();
        let local = matches!(ours, "localhost" | "127.0.0.1" | "[::1]");
        if found.is_empty() || found.iter().any(|at| is_inner(at.ip()) && !(local && at.ip().is_loopback())) {
            return Err(astray(url, &format!("to {host}, which is no public address")));
        }
        let patience = &self.patience;
        let builder = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(seconds(patience.connect))
            .read_timeout(seconds(patience.read))
            .resolve_to_addrs(&host, &found);
        builder.build().map_err(|error| Trouble::new(Sort::Other, shown(url), told(&error)))
    }

    async fn send(&self, client: &Client, request: &Request, url: &Url, home: bool) -> Result<Answer, Trouble> {
        let Ok(_slot) = self.slots.acquire().await else { return Err(astray(url, "after the end")) };
        if self.asked.fetch_add(1, Ordering::Relaxed) >= self.most {
            let why = format!("{} requests are the most that one look may take", self.most);
            return Err(Trouble::new(Sort::TooMuch, shown(url), why));
        }
        let method = if request.post.is_some() { Method::POST } else { Method::GET };
        let mut sent = client.request(method, url.clone()).header(ACCEPT, &request.accept);
        if home {
            sent = sent.headers(self.more.clone()).header(ACCEPT_ENCODING, "gzip");
            if let Some(bearer) = &request.bearer {
                sent = sent.bearer_auth(bearer);
            } else if let Some(secret) = &self.secret {
                sent = sent.header(AUTHORIZATION, secret.header());
            }
        }
        if let Some(body) = &request.post {
            sent = sent.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let mut response = sent.send().await.map_err(|error| failed(url, &error))?;
        let most = self.patience.bytes;
        let too_much = || {
            Trouble::new(
                Sort::TooMuch,
                shown(url),
                format!(
                    "the answer is longer than {most} bytes; raise patience.bytes in sources.toml if that is right"
                ),
            )
        };
        if response.content_length().is_some_and(|length| length > most) {
            return Err(too_much());
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| failed(url, &error))? {
            if (body.len() + piece.len()) as u64 > most {
                return Err(too_much());
            }
            body.extend_from_slice(&piece);
        }
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let packed = headers
            .get("content-encoding")
            .and_then(|it| it.to_str().ok())
            .is_some_and(|it| it.trim().eq_ignore_ascii_case("gzip"));
        let body = if packed {
            unpacked(body, most).map_err(|why| Trouble::new(Sort::TooMuch, shown(url), why))?
        } else {
            body
        };
        let body = if let Some(secret) = &self.secret { secret.taken_out(body) } else { body };
        Ok(Answer { status, headers, body })
    }
}

/// A client that follows nothing by itself, trusts what the system trusts, and takes no proxy that is not set.
fn client(setting: &SourceSetting) -> Result<reqwest::ClientBuilder, Trouble> {
    let wrong = |why: String| Trouble::new(Sort::Other, "", why);
    let mut client = Client::builder()
        .user_agent(concat!("lastgood/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .http1_only()
        .http1_max_headers(HEADERS)
        .connect_timeout(seconds(setting.patience.connect))
        .read_timeout(seconds(setting.patience.read))
        .no_proxy();
    if let Some(proxy) = &setting.proxy {
        client =
            client.proxy(Proxy::all(proxy).map_err(|error| wrong(format!("the proxy {proxy}: {}", told(&error))))?);
    }
    let read =
        |path: &std::path::Path| std::fs::read(path).map_err(|error| wrong(format!("{}: {error}", path.display())));
    if let Some(path) = &setting.ca {
        let found = Certificate::from_pem_bundle(&read(path)?);
        let found =
            found.map_err(|error| wrong(format!("{}: no certificates in PEM: {}", path.display(), told(&error))))?;
        if found.is_empty() {
            return Err(wrong(format!("{}: no certificates in PEM are in it", path.display())));
        }
        client = client.tls_certs_merge(found);
    }
    if let Some(path) = &setting.client_certificate {
        private(path).map_err(wrong)?;
        let found = Identity::from_pem(&read(path)?);
        client = client.identity(
            found.map_err(|_| wrong(format!("{}: expected a certificate and its key in PEM", path.display())))?,
        );
    }
    Ok(client)
}

fn unpacked(body: Vec<u8>, most: u64) -> Result<Vec<u8>, String> {
    let limits = Limits { decompressed: most, ratio_from: 4 << 20, ..Limits::default() };
    let mut out = Vec::new();
    let read = inflate(Box::new(Cursor::new(body)), &limits).and_then(|mut inner| inner.read_to_end(&mut out));
    read.map_err(|error| format!("the answer cannot be decompressed: {error}"))?;
    Ok(out)
}

/// Whether an address is of this machine or its own network alone: where cloud machines keep credentials.
fn is_inner(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            ip.is_loopback() || ip.is_link_local() || ip.is_private() || ip.is_unspecified() || ip.is_broadcast()
        }
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(inner) => is_inner(IpAddr::V4(inner)),
            None => ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local(),
        },
    }
}
