//! The stores that MLflow keeps, as documents in the shape of its own REST answers: one for each run,
//! model, version, trace. Whether it is a database or a folder, what comes out is the same. It concludes
//! nothing from what it hands on.

mod folder;
mod gather;
mod query;
mod tables;

pub(super) use folder::{ENVIRONMENT, Folder, Stores, folder, is_trash, model};

use super::database::Database;
use super::{Item, Refused};
use serde_json::{Map, Value, json};
use std::io::Cursor;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tables::Unit;

/// The importer that reads the documents.
const FORMAT: &str = "mlflow";
/// Documents that wait to be taken.
const WAITING: usize = 16;

/// A document that is an item of its own within a file or folder.
fn item(name: &str, part: String, document: &Value) -> Item {
    let bytes = document.to_string().into_bytes();
    let size = Some(bytes.len() as u64);
    let whole = Item::new(name, Box::new(Cursor::new(bytes)), size);
    Item { part: Some(part), read_as: Some(FORMAT), ..whole }
}

/// The documents of a database, in a fixed order. They are made as they are taken.
pub(super) struct Documents(Receiver<Result<Item, Refused>>);

impl Iterator for Documents {
    type Item = Result<Item, Refused>;

    fn next(&mut self) -> Option<Result<Item, Refused>> {
        self.0.recv().ok()
    }
}

/// Begins to read a database of MLflow.
///
/// # Errors
/// When it is another's database, with what it is.
pub(super) fn documents(name: &str, database: Database) -> Result<Documents, String> {
    if let Some(why) = foreign(&database) {
        return Err(why);
    }
    let (send, receive) = sync_channel(WAITING);
    let name = name.to_owned();
    std::thread::spawn(move || {
        let mut out = Out { name: &name, store: store(&database), send, going: true };
        for unit in tables::UNITS {
            if out.going {
                unit.read(&database, &mut out);
            }
        }
    });
    Ok(Documents(receive))
}

fn foreign(database: &Database) -> Option<String> {
    if database.has("runs") && database.has_column("runs", "run_uuid") {
        return None;
    }
    let found = database.described();
    Some(match () {
        () if database.has("MLMDEnv") => {
            format!("not a supported format (ML Metadata database, {found}: this version does not read it yet)")
        }
        () if database.has("experiments") || database.has("alembic_version") && database.has("registered_models") => {
            format!(
                "is like a database of MLflow without its runs: found {found}, expected a table runs; nothing of it was read"
            )
        }
        () => format!("not a supported format (SQLite database with {found})"),
    })
}

/// What tells this store from others, wherever its copies lie: its first experiment and when that was made.
fn store(database: &Database) -> Value {
    let first = || {
        let mut query =
            database.prepare("SELECT experiment_id, creation_time FROM experiments ORDER BY experiment_id LIMIT 1")?;
        query.rows()?.next()
    };
    match first() {
        Ok(Some(row)) => {
            let text = row.first().map_or_else(String::new, |id| id.to_string().replace('"', ""));
            json!({"first_experiment": text, "created": row.get(1).cloned().unwrap_or_default()})
        }
        Ok(None) | Err(_) => Value::Null,
    }
}

/// Where documents go.
struct Out<'n> {
    name: &'n str,
    store: Value,
    send: SyncSender<Result<Item, Refused>>,
    /// False when nobody listens any more.
    going: bool,
}

impl Out<'_> {
    fn document(&mut self, unit: &Unit, key: &str, body: Value) {
        let mut document = Map::new();
        if !self.store.is_null() {
            document.insert("store".to_owned(), self.store.clone());
        }
        document.insert(unit.word.to_owned(), body);
        let part = format!("{}/{key}", unit.table);
        self.going = self.send.send(Ok(item(self.name, part, &Value::Object(document)))).is_ok();
    }

    /// A part that cannot be read; all else is.
    fn refuse(&mut self, table: &str, why: &str) {
        let why = format!("/{table}: {why}");
        let refused = Refused { name: self.name.to_owned(), why, passed_over: false };
        self.going = self.send.send(Err(refused)).is_ok();
    }
}
