//! The binary: hands the arguments and the one clock to the command line. It holds no logic.

use lastgood::cli;
use lastgood::engine::Clock;
use lastgood::model::Time;
use std::process::ExitCode;

fn main() -> ExitCode {
    let answered = clock().and_then(|clock| cli::run(std::env::args_os(), clock));
    match answered {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(failure) => {
            cli::complain(&failure.to_string());
            ExitCode::from(failure.exit.code())
        }
    }
}

/// The system's clock, or the moment `LASTGOOD_CLOCK` names: for tests, and to look at a ledger as
/// it would have looked then.
fn clock() -> Result<Clock, cli::Failure> {
    let Ok(stated) = std::env::var("LASTGOOD_CLOCK") else { return Ok(Clock::running(system_time)) };
    Time::parse_stated(&stated)
        .map(|(at, _)| Clock::fixed(at))
        .map_err(|error| cli::Failure::new(cli::Exit::Usage, format!("LASTGOOD_CLOCK: {error}")))
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
fn system_time() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Time::from_micros(since.map_or(0, |length| i64::try_from(length.as_micros()).unwrap_or(i64::MAX)))
}
