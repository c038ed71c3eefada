//! The tour of the demo, played in the real binary on a small terminal: from the alert to a checked plan. It
//! waits for what is seen and counts the keys; what each pane shows in detail is tested elsewhere.

use crate::support::Workspace;
use crate::support::terminal::Terminal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What the tour may cost.
const MOST: usize = 25;

/// A person at the keyboard, and how often they pressed a key.
struct Person {
    terminal: Terminal,
    pressed: usize,
}

impl Person {
    /// Presses one key and waits until the screen shows all of these.
    #[track_caller]
    fn press(&mut self, key: &str, wanted: &[&str]) -> String {
        self.terminal.keys(key);
        self.pressed += 1;
        let what = format!("{wanted:?} after {key:?}");
        self.terminal.wait(&what, |screen| wanted.iter().all(|text| screen.contains(text)))
    }

    /// Presses a key until the heading over the selected row's details says this.
    #[track_caller]
    fn press_until(&mut self, key: &str, wanted: &str) -> String {
        let mut screen = self.terminal.wait("a diff", |screen| screen.contains("hop"));
        while !details(&screen).contains(wanted) {
            assert!(self.pressed < MOST, "{wanted} is not within reach:\n{screen}");
            let before = details(&screen).to_owned();
            self.terminal.keys(key);
            self.pressed += 1;
            screen = self.terminal.wait("another row", |screen| details(screen) != before);
        }
        screen
    }
}

/// The last heading on the screen, which stands over the details of the selected row.
fn details(screen: &str) -> &str {
    screen.lines().rfind(|line| line.starts_with('─')).unwrap_or_default()
}

#[test]
fn from_the_alert_to_a_checked_plan_in_the_real_binary() {
    let workspace = Workspace::new();
    let mut command = workspace.command();
    command.env_remove("LASTGOOD_LEDGER").arg("demo");
    let terminal = Terminal::start(&command, 80, 24);
    terminal.wait("the alert", |screen| {
        // the incident is the first row, and what stands at the foot is said of it in full
        screen.matches("incident on deployment:fraud-scorer/prod-eu").count() == 2
    });
    let mut person = Person { terminal, pressed: 0 };

    let screen = person.press("d", &["[3 diff]", "last good: inferred", "nobody approved"]);
    let labels = screen.lines().find(|line| line.contains("~ vendor-labels")).expect("the labels differ");
    assert!(labels.contains("2026-11-13 → 2026-11-17") && labels.contains("nobody approved"), "{labels}");
    person.press_until("j", "data vendor-labels");
    person.press("m", &["Mark dataset:vendor-labels@2026-11-17", "[✖ compromised]"]);
    person.press("\r", &["marked dataset:vendor-labels@2026-11-17 compromised", "u takes it back"]);
    person.press("i", &["[4 impact]", "What depends on dataset:vendor-labels", "deployment ", "at least "]);
    let screen = person.press("P", &["[6 plan]", "HOLD", "bad      dataset:vendor-labels@2026-11-17 compromised"]);
    let back = screen.lines().find(|line| line.contains("fraud-scorer@42 → fraud-scorer@40")).expect("a way back");
    assert!(back.contains('✔'), "its checks are counted: {back}");
    person.press("Y", &["asked the terminal to copy it"]);
    let copied = STANDARD.decode(person.terminal.copied()).unwrap();
    let copied = String::from_utf8(copied).unwrap();
    assert!(copied.starts_with("**Plan against `dataset:vendor-labels@2026-11-17`**"), "{copied}");
    assert!(copied.contains("model-version:fraud-scorer@40") && copied.contains("Nothing was executed"), "{copied}");

    person.terminal.keys("q");
    person.pressed += 1;
    assert!(person.pressed < MOST, "the tour takes {} keys", person.pressed);
    assert_eq!(person.terminal.ended_cleanly(), 0);
}
