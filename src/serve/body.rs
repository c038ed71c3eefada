//! Bodies: read within bounds of size, time and memory, and undone from gzip. It does not look into them.

use super::Serving;
use super::caller::{Caller, Proven};
use super::said::Refusal;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, header, request::Parts};
use flate2::read::MultiGzDecoder;
use futures_util::StreamExt as _;
use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The longest body as it is sent, and the most it may become.
const SENT: usize = 16 << 20;
const INFLATED: usize = 64 << 20;
/// Bytes of bodies in memory at once, of all requests together.
pub(super) const MEMORY: usize = 512 << 20;
/// How long a body may take.
const TIME: Duration = Duration::from_secs(30);

/// A request whose body has arrived.
pub(super) struct Arrived {
    pub(super) headers: HeaderMap,
    pub(super) caller: Caller,
    pub(super) proven: Proven,
    pub(super) body: Vec<u8>,
    /// Given back when the request is answered.
    _memory: OwnedSemaphorePermit,
}

impl Arrived {
    /// Where it came from and how that was proven, as records tell it.
    pub(super) fn from(&self, path: &str) -> String {
        format!("POST {path} from {}, {}", self.caller, self.proven)
    }
}

/// A media type without its parameters.
pub(super) fn media_type(stated: &str) -> String {
    stated.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Reads a body to its end.
pub(super) async fn read(serving: &Serving, request: Request) -> Result<Arrived, Refusal> {
    let (Parts { headers, extensions, .. }, body) = request.into_parts();
    let unknown = || Refusal::Broken("a request came from nowhere".to_owned());
    let caller = extensions.get::<Caller>().cloned().ok_or_else(unknown)?;
    let proven = extensions.get::<Proven>().cloned().unwrap_or(Proven::Loopback);
    let gzip = match headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?").trim()) {
        None | Some("" | "identity") => false,
        Some(encoding) if encoding.eq_ignore_ascii_case("gzip") => true,
        Some(other) => return Err(Refusal::Encoding(other.to_owned())),
    };
    let stated = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if stated.is_some_and(|stated| stated > SENT as u64) {
        return Err(too_large());
    }
    let collected = tokio::time::timeout(TIME, collect(&serving.memory, body)).await;
    let (mut body, mut memory) = collected.map_err(|_| Refusal::Slow(TIME.as_secs()))??;
    if gzip {
        let grown = Arc::clone(&serving.memory);
        let inflated = tokio::task::spawn_blocking(move || inflate(&body)).await;
        body = inflated.map_err(|error| Refusal::Broken(error.to_string()))??;
        memory = hold(&grown, body.len())?;
    }
    Ok(Arrived { headers, caller, proven, body, _memory: memory })
}

async fn collect(memory: &Arc<Semaphore>, body: Body) -> Result<(Vec<u8>, OwnedSemaphorePermit), Refusal> {
    let mut pieces = body.into_data_stream();
    let mut body = Vec::new();
    let mut held = hold(memory, 0)?;
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| Refusal::Malformed(format!("the body breaks off: {error}")))?;
        if body.len() + piece.len() > SENT {
            return Err(too_large());
        }
        held.merge(hold(memory, piece.len())?);
        body.extend_from_slice(&piece);
    }
    Ok((body, held))
}

fn hold(memory: &Arc<Semaphore>, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    let full = |_| Refusal::Now("too much is being received at once: send it again".to_owned());
    Arc::clone(memory).try_acquire_many_owned(bytes).map_err(full)
}

fn too_large() -> Refusal {
    Refusal::TooLarge(format!("the body has more than {} MiB: send less at a time", SENT >> 20))
}

fn inflate(body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    let read = MultiGzDecoder::new(body).take(INFLATED as u64 + 1).read_to_end(&mut out);
    read.map_err(|error| Refusal::Malformed(format!("the body is no gzip: {error}")))?;
    if out.len() > INFLATED {
        let most = INFLATED >> 20;
        return Err(Refusal::TooLarge(format!("the body becomes more than {most} MiB: send less at a time")));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write as _;

    #[test]
    fn what_becomes_too_large_is_not_taken() {
        let zip = |len: usize| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(&vec![b' '; len]).unwrap();
            encoder.finish().unwrap()
        };
        assert_eq!(inflate(&zip(1000)).unwrap().len(), 1000);
        assert!(matches!(inflate(&zip(INFLATED + 1)), Err(Refusal::TooLarge(_))));
        assert!(matches!(inflate(b"{}"), Err(Refusal::Malformed(_))));
        let whole = zip(1000);
        assert!(matches!(inflate(&whole[..whole.len() - 9]), Err(Refusal::Malformed(_))));
    }
}
