//! Whether and when to ask again, as a pure function of what happened. It waits for nothing itself.

use crate::config::Patience;
use std::time::Duration;

/// The first pause; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(200);

/// The pause before the next try, or nothing when there is to be none. `asked` is what the server asked
/// for: more than is waited for ends the tries, because asking earlier would only be refused again.
pub(super) fn pause(tried: u32, asked: Option<Duration>, patience: &Patience) -> Option<Duration> {
    if tried >= patience.tries.max(1) {
        return None;
    }
    let most = Duration::try_from_secs_f64(patience.pause).unwrap_or(Duration::MAX);
    match asked {
        Some(asked) => (asked <= most).then_some(asked.max(FIRST.min(most))),
        None => Some(FIRST.saturating_mul(1 << tried.saturating_sub(1).min(10)).min(most)),
    }
}

/// Answers after which the same question may be asked again.
pub(super) fn is_passing(status: u16) -> bool {
    matches!(status, 429 | 502 | 503 | 504)
}

/// What a server asks for in `Retry-After`: seconds. A date is not honoured: clocks differ.
pub(super) fn asked_for(header: Option<&str>) -> Option<Duration> {
    let text = header?.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_are_bounded_and_end() {
        let patience = Patience { tries: 4, pause: 0.5, ..Patience::default() };
        let pauses: Vec<_> = (1..=4).map(|tried| pause(tried, None, &patience).map(|it| it.as_millis())).collect();
        assert_eq!(pauses, [Some(200), Some(400), Some(500), None]);
        assert_eq!(pause(1, asked_for(Some("99999999999999999999")), &patience), None);
        assert_eq!(pause(1, asked_for(Some("0")), &patience), Some(FIRST));
        assert_eq!(asked_for(Some("Fri, 31 Dec 9999 23:59:59 GMT")), None);
    }
}
