//! The console on a pseudo-terminal: whatever ends it, the terminal is as it was. The child is this
//! test binary itself, running one ignored test. Everything waits for output or an end, not for time.

use crate::support::tui::setup;
use crate::support::world::World;
use lastgood::tui::ask::{Ask, Told};
use lastgood::tui::run::run;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const MODE: &str = "LASTGOOD_TEST_CONSOLE";
/// Long enough for a loaded machine; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
#[ignore = "the other tests of this file run it on a pseudo-terminal"]
fn child() {
    let Ok(mode) = std::env::var(MODE) else { return };
    let world = Arc::new(World::new());
    let asked = Arc::clone(&world);
    let mut setup = setup(&world, Arc::new(move |ask: Ask, cancel: &AtomicBool| -> Told { asked.answer(ask, cancel) }));
    if mode == "panic" {
        setup.clock = Arc::new(|| panic!("boom \u{1b}]0;owned\u{7}"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let code = match runtime.block_on(run(setup)) {
        Ok(ended) => ended.exit_code(),
        Err(_) => 2,
    };
    std::process::exit(code.into());
}

struct Pty {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    parser: vt100::Parser,
    termios: String,
}

fn spawn(mode: &str) -> (Box<dyn MasterPty + Send>, Box<dyn Child + Send + Sync>) {
    let pair = native_pty_system().openpty(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 }).unwrap();
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "tui_pty::child", "--ignored", "--nocapture", "--test-threads=1"]);
    for (name, value) in [(MODE, mode), ("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("RUST_BACKTRACE", "0")] {
        command.env(name, value);
    }
    let child = pair.slave.spawn_command(command).unwrap();
    (pair.master, child)
}

impl Pty {
    fn open(mode: &str) -> Pty {
        // As any terminal is before anybody changed it.
        let fresh = native_pty_system().openpty(PtySize::default()).unwrap();
        let termios = format!("{:?}", fresh.master.get_termios().unwrap());
        let (master, child) = spawn(mode);
        let mut reader = master.try_clone_reader().unwrap();
        let writer = master.take_writer().unwrap();
        let (send, output) = channel();
        drop(std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                if send.send(buffer[..n].to_vec()).is_err() {
                    break;
                }
            }
        }));
        let parser = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
        Pty { master, writer, child, output, parser, termios }
    }

    #[track_caller]
    fn until(&mut self, wanted: impl Fn(&vt100::Screen) -> bool) {
        while !wanted(self.parser.screen()) {
            match self.output.recv_timeout(PATIENCE) {
                Ok(bytes) => self.parser.process(&bytes),
                Err(why) => panic!("{why}; the screen is\n{}", self.parser.screen().contents()),
            }
        }
    }

    #[track_caller]
    fn shows(&mut self, text: &str) {
        self.until(|screen| screen.alternate_screen() && screen.contents().contains(text));
    }

    fn send(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.process_id().unwrap()).unwrap()).unwrap()
    }

    fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// The exit code, after checking that the terminal is as it was.
    #[track_caller]
    fn ends(&mut self) -> u32 {
        self.until(|screen| !screen.alternate_screen());
        let code = self.child.wait().unwrap().exit_code();
        while let Ok(bytes) = self.output.try_recv() {
            self.parser.process(&bytes);
        }
        let screen = self.parser.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert_eq!(format!("{:?}", self.master.get_termios().unwrap()), self.termios);
        code
    }
}

#[test]
fn keys_reach_it_and_q_leaves() {
    let mut pty = Pty::open("plain");
    pty.shows("Deserves attention");
    pty.send("\r");
    pty.shows("vendor-labels@2026-11-17");
    pty.send("/fraud");
    pty.shows("6 fit");
    pty.send("\x1b");
    pty.until(|screen| !screen.contents().contains("┌ Find"));
    pty.send("q");
    assert_eq!(pty.ends(), 0);
}

#[test]
fn signals_end_it_with_the_terminal_as_it_was() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130), (Signal::QUIT, 131)] {
        let mut pty = Pty::open("plain");
        pty.shows("Deserves attention");
        pty.signal(signal);
        assert_eq!(pty.ends(), code);
    }
}

#[test]
fn it_stops_and_resumes() {
    let mut pty = Pty::open("plain");
    pty.shows("Deserves attention");
    for by_key in [true, false] {
        if by_key {
            pty.send("\x1a")
        } else {
            pty.signal(Signal::TSTP)
        }
        pty.until(|screen| !screen.alternate_screen() && !screen.hide_cursor());
        let status = waitpid(Some(pty.pid()), WaitOptions::UNTRACED).unwrap().unwrap().1;
        assert!(status.stopped());
        assert_eq!(format!("{:?}", pty.master.get_termios().unwrap()), pty.termios);
        pty.signal(Signal::CONT);
        pty.shows("Deserves attention");
    }
    pty.send("q");
    assert_eq!(pty.ends(), 0);
}

#[test]
fn a_panic_gives_the_terminal_back_and_its_message_is_harmless() {
    let mut pty = Pty::open("panic");
    pty.until(|screen| !screen.alternate_screen() && screen.contents().contains("internal error"));
    assert_eq!(pty.ends(), 101);
    assert!(pty.parser.screen().contents().contains("boom ␛]0;owned␇"), "{}", pty.parser.screen().contents());
}

#[test]
fn it_ends_when_the_terminal_goes_away() {
    let (master, mut child) = spawn("plain");
    let mut reader = master.try_clone_reader().unwrap();
    let (mut seen, mut buffer) = (Vec::new(), [0; 4096]);
    while !String::from_utf8_lossy(&seen).contains("Deserves") {
        let n = reader.read(&mut buffer).unwrap();
        seen.extend_from_slice(&buffer[..n]);
    }
    drop((reader, master));
    let (send, ended) = channel();
    drop(std::thread::spawn(move || send.send(child.wait().map(|status| status.exit_code()))));
    assert_eq!(ended.recv_timeout(PATIENCE).unwrap().unwrap(), 129);
}

#[test]
fn a_resize_storm_is_survived() {
    let mut pty = Pty::open("plain");
    pty.shows("Deserves attention");
    for n in 0..300u16 {
        let size = PtySize { rows: n * 7 % 60, cols: n * 13 % 200, pixel_width: 0, pixel_height: 0 };
        pty.master.resize(size).unwrap();
    }
    pty.master.resize(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 }).unwrap();
    pty.send("?");
    pty.shows("Overview");
    pty.send("qq");
    assert_eq!(pty.ends(), 0);
}
