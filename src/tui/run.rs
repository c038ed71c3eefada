//! The loop on a real terminal: take in everything that waits, draw once, wait again. No tick. It
//! decides nothing; the console does.

use crate::tui::console::{Console, Order, Setup};
use crate::tui::terminal::{self, Guard, TerminalError};
use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use rustix::event::{PollFd, PollFlags, poll};
use std::io::{self, Stdout};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::oneshot;

/// Why the console ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Somebody left.
    Left,
    /// A signal, by its number: the process exits with 128 and this.
    Signal(i32),
    /// The terminal is gone.
    TerminalGone,
}

impl Ended {
    /// The process's exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Ended::Left => 0,
            Ended::Signal(number) => u8::try_from(128 + number).unwrap_or(255),
            Ended::TerminalGone => 129,
        }
    }
}

/// Runs the console until somebody leaves. Call it on a thread that may own the terminal, inside a
/// tokio runtime.
///
/// # Errors
/// When there is no terminal, or it refuses to be one.
pub async fn run(setup: Setup) -> Result<Ended, TerminalError> {
    let guard = Guard::enter()?;
    let mut signals = Signals::listen()?;
    let mut terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
    let mut events = forward_events();
    let mut gone = watch_terminal();
    let mut console = Console::new(setup);
    let size = terminal.size()?;
    console.event(Event::Resize(size.width, size.height));
    loop {
        if let Some(ended) = obey(&mut console, &mut terminal, &guard)? {
            return Ok(ended);
        }
        if frame(&mut console, &mut terminal).is_err() {
            return Ok(Ended::TerminalGone);
        }
        // Biased: a signal never waits behind a flood of answers or pasted keys.
        tokio::select! {
            biased;
            _ = &mut gone => return Ok(Ended::TerminalGone),
            caught = signals.next() => match caught {
                Caught::End(number) => return Ok(Ended::Signal(number)),
                Caught::Suspend => suspend(&guard, &mut terminal)?,
                Caught::Resumed => {
                    guard.retake()?;
                    terminal.clear()?;
                }
            },
            event = events.recv() => match event {
                Some(event) => console.event(event),
                None => return Ok(Ended::TerminalGone),
            },
            msg = console.answer() => console.message(msg),
        }
        while let Ok(event) = events.try_recv() {
            console.event(event);
        }
        console.drain();
    }
}

fn frame(console: &mut Console, terminal: &mut Terminal<CrosstermBackend<Stdout>>) -> io::Result<()> {
    terminal::begin_frame()?;
    let drawn = terminal.draw(|frame| console.draw(frame)).map(|_| ());
    terminal::end_frame()?;
    drawn
}

/// Does what only the terminal can do.
fn obey(
    console: &mut Console,
    terminal: &mut Terminal<CrosstermBackend<Stdout>>,
    guard: &Guard,
) -> Result<Option<Ended>, TerminalError> {
    while let Some(order) = console.order() {
        match order {
            Order::Quit => return Ok(Some(Ended::Left)),
            Order::Redraw => terminal.clear()?,
            Order::Suspend => suspend(guard, terminal)?,
            Order::Copy(text) => console.message(crate::tui::message::Msg::Notice(terminal::copy(&text))),
        }
    }
    Ok(None)
}

fn suspend(guard: &Guard, terminal: &mut Terminal<CrosstermBackend<Stdout>>) -> Result<(), TerminalError> {
    guard.suspend()?;
    terminal.clear()?;
    Ok(())
}

/// Hands on what the terminal sends; closed when it sends no more. A task of its own, because the
/// stream wakes whoever polled it first and nobody else, so it must not be tried in passing.
fn forward_events() -> UnboundedReceiver<Event> {
    let (send, events) = unbounded_channel();
    tokio::spawn(async move {
        // Only now: without a terminal the stream panics (crossterm #694).
        let mut stream = EventStream::new();
        while let Some(Ok(event)) = stream.next().await {
            if send.send(event).is_err() {
                return;
            }
        }
    });
    events
}

/// Resolves when the terminal at standard input hangs up. A thread of its own waits for it without
/// using any time; the event stream does not tell.
fn watch_terminal() -> oneshot::Receiver<()> {
    let (tell, told) = oneshot::channel();
    let watch = move || {
        let stdin = io::stdin();
        loop {
            let mut fds = [PollFd::new(&stdin, PollFlags::empty())];
            let hung_up = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
            match poll(&mut fds, None) {
                Ok(_) if fds[0].revents().intersects(hung_up) => break,
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => return std::thread::park(),
            }
        }
        // Nobody listens when the console has ended already, and then there is nothing to do.
        tell.send(()).unwrap_or_default();
    };
    // Detached: it ends with the terminal or the process.
    drop(std::thread::spawn(watch));
    told
}

enum Caught {
    End(i32),
    Suspend,
    Resumed,
}

struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    quit: Signal,
    stop: Signal,
    resume: Signal,
}

const SIGTSTP: i32 = rustix::process::Signal::TSTP.as_raw();
const SIGCONT: i32 = rustix::process::Signal::CONT.as_raw();

impl Signals {
    fn listen() -> io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            stop: signal(SignalKind::from_raw(SIGTSTP))?,
            resume: signal(SignalKind::from_raw(SIGCONT))?,
        })
    }

    async fn next(&mut self) -> Caught {
        tokio::select! {
            _ = self.terminate.recv() => Caught::End(15),
            _ = self.hang_up.recv() => Caught::End(1),
            _ = self.interrupt.recv() => Caught::End(2),
            _ = self.quit.recv() => Caught::End(3),
            _ = self.stop.recv() => Caught::Suspend,
            _ = self.resume.recv() => Caught::Resumed,
        }
    }
}
