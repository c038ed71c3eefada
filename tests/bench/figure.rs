//! How a figure is taken and printed, with the bar it is held to beside it. It asserts nothing.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::time::{Duration, Instant};

/// What a figure is held to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bar {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// For information.
    None,
}

/// Prints the heading of a part.
pub(crate) fn part(name: &str) {
    println!("\n── {name}");
}

/// Prints one figure.
pub(crate) fn figure(what: &str, value: f64, unit: &str, bar: Bar) {
    let (bar, met) = match bar {
        Bar::AtMost(bar) => (format!("bar ≤ {bar} {unit}"), value <= bar),
        Bar::AtLeast(bar) => (format!("bar ≥ {bar} {unit}"), value >= bar),
        Bar::None => (String::new(), true),
    };
    let line = format!("{what:<58} {value:>10.2} {unit:<4} {bar:<18} {}", if met { "" } else { "MISSED" });
    println!("{}", line.trim_end());
}

/// Prints a length of time.
pub(crate) fn said(what: &str, time: Duration) {
    held(what, time, Bar::None);
}

/// Prints a length of time with its bar, in milliseconds.
pub(crate) fn held(what: &str, time: Duration, bar: Bar) {
    figure(what, time.as_secs_f64() * 1e3, "ms", bar);
}

/// Prints how many times longer the peer takes.
pub(crate) fn ratio(what: &str, peer: Duration, ours: Duration, bar: Bar) {
    figure(what, peer.as_secs_f64() / ours.as_secs_f64(), "×", bar);
}

/// How long one run takes.
pub(crate) fn timed(run: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    run();
    begun.elapsed()
}

/// The middle one.
pub(crate) fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The median of some runs.
pub(crate) fn median(runs: usize, mut run: impl FnMut()) -> Duration {
    middle((0..runs).map(|_| timed(&mut run)).collect())
}

/// The most memory this process ever held, in megabytes.
pub(crate) fn peak_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kibibytes.unwrap_or_default() * 1024.0 / 1e6
}
