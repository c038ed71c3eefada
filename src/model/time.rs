//! Moments and windows: parse, print, compare. It never asks what time it is now.

use jiff::{Span, Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A moment in UTC, to the microsecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Time(i64);

/// Why a text is not a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not a time: give RFC 3339 (2026-11-18T09:00:00Z), a date (2026-11-18), or an age (3d, 2h ago)")]
pub struct TimeError {
    /// What was written.
    pub text: String,
}

impl Time {
    /// From microseconds since 1970-01-01T00:00:00Z; beyond the years -9999 to 9999 the nearest end.
    pub fn from_micros(micros: i64) -> Time {
        // A calendar ends in whole seconds where moments are told by microseconds.
        let ends = [Timestamp::MIN, Timestamp::MAX].map(|end| end.as_second().saturating_mul(1_000_000));
        Time(micros.clamp(ends[0], ends[1]))
    }

    /// From whole seconds since 1970-01-01T00:00:00Z.
    pub fn from_seconds(seconds: i64) -> Time {
        Time::from_micros(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// The next moment that can be told from this one.
    #[must_use]
    pub fn just_after(self) -> Time {
        Time::from_micros(self.0.saturating_add(1))
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Reads an absolute time as sources write it: RFC 3339, `2026-11-18 09:00:00`, or a date. A
    /// text without an offset is taken as UTC; the second value says whether that was so.
    ///
    /// # Errors
    /// When the text is none of these.
    pub fn parse_stated(text: &str) -> Result<(Time, bool), TimeError> {
        let trimmed = text.trim();
        if let Ok(stamp) = trimmed.parse::<Timestamp>() {
            return Ok((Time(stamp.as_microsecond()), false));
        }
        let civil = trimmed
            .parse::<civil::DateTime>()
            .or_else(|_| trimmed.parse::<civil::Date>().map(|date| date.at(0, 0, 0, 0)));
        civil
            .ok()
            .and_then(|moment| TimeZone::UTC.to_timestamp(moment).ok())
            .map(|stamp| (Time(stamp.as_microsecond()), true))
            .ok_or_else(|| TimeError { text: text.to_owned() })
    }

    /// Reads the date of a header of HTTP or of mail.
    pub fn parse_http(text: &str) -> Option<Time> {
        let stamp = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
        Some(Time(stamp.as_microsecond()))
    }

    /// Reads a moment to come: everything [`Time::parse_stated`] takes, and lengths counted from `now` on (`30d`).
    ///
    /// # Errors
    /// When the text is neither.
    pub fn parse_to_come(text: &str, now: Time) -> Result<Time, TimeError> {
        match Time::parse_stated(text) {
            Ok((at, _)) => Ok(at),
            Err(_) => {
                let before = Time::parse_typed(text, now)?;
                Ok(Time::from_micros(now.micros().saturating_mul(2).saturating_sub(before.micros())))
            }
        }
    }

    /// Reads what a person types: everything [`Time::parse_stated`] takes, and ages before `now`
    /// (`3d`, `2h ago`, `1h30m`), and `now`.
    ///
    /// # Errors
    /// When the text is neither a time nor an age.
    pub fn parse_typed(text: &str, now: Time) -> Result<Time, TimeError> {
        let trimmed = text.trim();
        if trimmed.eq_ignore_ascii_case("now") {
            return Ok(now);
        }
        if let Ok((time, _)) = Time::parse_stated(trimmed) {
            return Ok(time);
        }
        let error = || TimeError { text: text.to_owned() };
        let span: Span = trimmed.trim_end_matches("ago").trim().parse().map_err(|_| error())?;
        let stamp = Timestamp::from_microsecond(now.0).map_err(|_| error())?;
        let earlier = stamp.to_zoned(TimeZone::UTC).checked_sub(span.abs()).map_err(|_| error())?;
        Ok(Time(earlier.timestamp().as_microsecond()))
    }

    /// How long before `now` this is, in the largest two units that say something: `3d 4h`.
    pub fn age(self, now: Time) -> String {
        let seconds = now.0.saturating_sub(self.0) / 1_000_000;
        let (prefix, seconds) = if seconds < 0 { ("in ", -seconds) } else { ("", seconds) };
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
        let text = match (days, hours, minutes) {
            (0, 0, 0) => format!("{seconds}s"),
            (0, 0, m) => format!("{m}m"),
            (0, h, 0) => format!("{h}h"),
            (0, h, m) => format!("{h}h {m}m"),
            (d, h, _) if d < 4 && h > 0 => format!("{d}d {h}h"),
            (d, _, _) => format!("{d}d"),
        };
        format!("{prefix}{text}")
    }

    /// Minutes and whole days only: `2026-11-18 09:00`, for screens.
    pub fn short(self) -> String {
        let text = self.to_string();
        match (text.get(..10), text.get(11..16)) {
            (Some(date), Some(minute)) => format!("{date} {minute}"),
            _ => text,
        }
    }

    /// The same where nobody saw it: something happened by then, and after the moment before.
    pub fn short_after(self, after: Option<Time>) -> String {
        match after {
            Some(after) => format!("between {} and {}", after.short(), self.short()),
            None => self.short(),
        }
    }

    /// `self` moved by whole days; used by generators and policies.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Time {
        Time::from_micros(self.0.saturating_add(days.saturating_mul(86_400_000_000)))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_microsecond(self.0) {
            Ok(stamp) => write!(f, "{stamp}"),
            Err(_) => write!(f, "{}µs", self.0),
        }
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let text = String::deserialize(deserializer)?;
        Time::parse_stated(&text).map(|(time, _)| time).map_err(serde::de::Error::custom)
    }
}

/// A stretch of time, either end of which may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Window {
    /// First moment inside; open when absent.
    pub since: Option<Time>,
    /// Last moment inside; open when absent.
    pub until: Option<Time>,
}

impl Window {
    /// The single moment `at`.
    pub fn at(at: Time) -> Window {
        Window { since: Some(at), until: Some(at) }
    }

    /// Whether both ends are open, so that nothing is asked of dates.
    pub fn is_open(&self) -> bool {
        self.since.is_none() && self.until.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        Time::parse_stated(text).unwrap().0
    }

    #[test]
    fn moments_beyond_the_calendar_are_its_ends_and_read_back() {
        for end in [i64::MIN, -1_000_000, i64::MAX - 1, i64::MAX].map(Time::from_micros) {
            assert_eq!(Time::parse_stated(&end.to_string()), Ok((end, false)), "{end}");
        }
    }

    #[test]
    fn a_time_without_offset_is_utc_and_says_so() {
        assert_eq!(Time::parse_stated("2026-11-18T09:00:00"), Ok((at("2026-11-18T09:00:00Z"), true)));
        assert_eq!(Time::parse_stated("2026-11-18T10:00:00+01:00"), Ok((at("2026-11-18T09:00:00Z"), false)));
        assert_eq!(Time::parse_stated("2026-11-18"), Ok((at("2026-11-18T00:00:00Z"), true)));
        assert!(Time::parse_stated("yesterday-ish").is_err());
    }

    #[test]
    fn ages_count_back_from_now() {
        let now = at("2026-11-19T03:00:00Z");
        assert_eq!(Time::parse_typed("3d", now), Ok(at("2026-11-16T03:00:00Z")));
        assert_eq!(Time::parse_typed("2h ago", now), Ok(at("2026-11-19T01:00:00Z")));
        assert_eq!(Time::parse_typed("now", now), Ok(now));
        assert!(Time::parse_typed("soon", now).is_err());
    }

    #[test]
    fn an_age_names_its_two_largest_units() {
        let now = at("2026-11-19T03:00:00Z");
        assert_eq!(at("2026-11-18T00:30:00Z").age(now), "1d 2h");
        assert_eq!(at("2026-11-19T02:59:30Z").age(now), "30s");
        assert_eq!(at("2026-11-19T04:00:00Z").age(now), "in 1h");
    }
}
