//! Reads a unit's table beside the tables of what belongs to it, all in the order of their key, so that
//! each is gone through once and one row's worth is held. It knows no table.

use super::Out;
use super::tables::{Field, Fold, List, Unit};
use crate::connector::database::{Database, Query, Rows};
use serde_json::{Map, Value};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Rows of one table may belong to nothing; so many are worth a word and no more.
type Orphans = u64;

/// A select with the width of its key in front.
struct Select<'d> {
    query: Query<'d>,
    key: usize,
    fields: Vec<&'static Field>,
}

/// Rows in the order of their key, the next one looked at.
struct Cursor<'q> {
    rows: Rows<'q>,
    key: usize,
    fields: &'q [&'static Field],
    next: Option<Vec<Value>>,
    orphans: Orphans,
    failed: Option<String>,
}

impl Unit {
    /// Hands on a document for each row of the unit's table. A version without the table has none.
    pub(super) fn read(&'static self, database: &Database, out: &mut Out<'_>) {
        if !database.has(self.table) {
            return;
        }
        let key: Vec<&str> = self.key.iter().copied().filter(|it| database.has_column(self.table, it)).collect();
        if key.last() != self.key.last() {
            let lacks = self.key.last().copied().unwrap_or_default();
            return out.refuse(
                self.table,
                &format!("no column {lacks}: which row is which is not known; its rows are left out"),
            );
        }
        let from: &[(&str, &str, &str)] = &[("u", self.table, "")];
        let qualified: Vec<String> = key.iter().map(|it| format!("u.{it}")).collect();
        let head = select(database, from, &qualified, "", self.fields);
        let mut head = match head {
            Ok(select) => select,
            Err(why) => return out.refuse(self.table, &why),
        };
        let mut lists = Vec::new();
        for list in self.lists {
            match list.select(database, self, &key) {
                Ok(Some(select)) => lists.push((list, select)),
                Ok(None) => {}
                Err(why) => out.refuse(list.table(), &why),
            }
        }
        self.merge(&mut head, &mut lists, out);
    }

    fn merge(&self, head: &mut Select<'_>, lists: &mut [(&List, Select<'_>)], out: &mut Out<'_>) {
        let mut cursors = Vec::new();
        for (list, select) in lists {
            match Cursor::of(select) {
                Ok(cursor) => cursors.push((*list, cursor)),
                Err(why) => out.refuse(list.table(), &why),
            }
        }
        let mut head = match Cursor::of(head) {
            Ok(cursor) => cursor,
            Err(why) => return out.refuse(self.table, &why),
        };
        while let Some(row) = head.next.take() {
            if !out.going {
                return;
            }
            let (key, values) = row.split_at(head.key.min(row.len()));
            let mut body = Map::new();
            place(values, head.fields, &mut body);
            for (list, cursor) in &mut cursors {
                let found = list.collect(cursor, key);
                if !found.is_null() {
                    put(&mut body, list.at, found);
                }
            }
            let shown: Vec<String> = key.iter().map(plain).filter(|part| part != "default").collect();
            out.document(self, &shown.join("/"), Value::Object(body));
            head.advance();
        }
        if let Some(why) = head.failed {
            return out.refuse(self.table, &format!("{why}; what comes before it was read"));
        }
        for (list, mut cursor) in cursors {
            while cursor.next.take().is_some() {
                cursor.orphans += 1;
                cursor.advance();
            }
            if let Some(why) = cursor.failed {
                out.refuse(list.table(), &format!("{why}; what comes before it was read"));
            } else if cursor.orphans > 0 {
                let (orphans, table) = (cursor.orphans, self.table);
                out.refuse(list.table(), &format!("{orphans} rows belong to no row of {table}; they are left out"));
            }
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl List {
    fn table(&self) -> &'static str {
        self.from.first().map_or("", |(_, table, _)| table)
    }

    /// Its select; none where a version has no such table.
    fn select<'d>(&self, database: &'d Database, unit: &Unit, key: &[&str]) -> Result<Option<Select<'d>>, String> {
        if !self.from.first().is_some_and(|(_, table, _)| database.has(table)) {
            return Ok(None);
        }
        let parts = unit.key.iter().zip(self.key).filter(|(of_unit, _)| key.contains(of_unit));
        let qualified: Vec<String> = parts.map(|(_, own)| (*own).to_owned()).collect();
        if let Some(lacks) = qualified.iter().find(|it| !known(database, self.from, it)) {
            return Err(format!(
                "no column {}: whose its rows are is not known; they are left out",
                lacks.trim_start_matches("t.")
            ));
        }
        select(database, self.from, &qualified, self.only, self.fields).map(Some)
    }

    /// All that belongs to the row of that key.
    fn collect(&self, cursor: &mut Cursor<'_>, key: &[Value]) -> Value {
        let mut each = Vec::new();
        let mut object = Map::new();
        let mut histories: BTreeMap<String, History> = BTreeMap::new();
        while let Some(order) = cursor.next.as_ref().map(|row| by_key(row, key)) {
            if order == Ordering::Greater {
                break;
            }
            let Some(row) = cursor.next.take() else { break };
            cursor.advance();
            if order == Ordering::Less {
                cursor.orphans += 1;
                continue;
            }
            let mut found = Map::new();
            let whole = place(row.get(cursor.key..).unwrap_or_default(), cursor.fields, &mut found);
            match self.fold {
                Fold::Each => each.push(whole.unwrap_or(Value::Object(found))),
                Fold::Object => {
                    let value = found.remove("value").unwrap_or_default();
                    object.insert(found.get("key").map(plain).unwrap_or_default(), value);
                }
                Fold::History => History::add(&mut histories, found),
            }
        }
        match self.fold {
            Fold::Each if each.is_empty() => Value::Null,
            Fold::Each => Value::Array(each),
            Fold::Object if object.is_empty() => Value::Null,
            Fold::Object => Value::Object(object),
            Fold::History if histories.is_empty() => Value::Null,
            Fold::History => Value::Array(histories.into_values().map(History::told).collect()),
        }
    }
}

/// What is kept of the steps of one measure.
pub(super) struct History {
    last: Map<String, Value>,
    count: u64,
    bounds: Option<(f64, f64)>,
}

impl History {
    /// Takes in one measurement; those that differ in nothing else belong together.
    pub(super) fn add(histories: &mut BTreeMap<String, History>, found: Map<String, Value>) {
        let own = |(key, _): &(&String, &Value)| !matches!(key.as_str(), "value" | "timestamp" | "step");
        let name = found.iter().filter(own).map(|(key, value)| format!("{key}={value}\n")).collect();
        let value = found.get("value").and_then(Value::as_f64);
        let bounds = value.map(|value| (value, value));
        match histories.get_mut(&name) {
            None => drop(histories.insert(name, History { last: found, count: 1, bounds })),
            Some(history) => {
                history.count += 1;
                history.bounds = match (history.bounds, bounds) {
                    (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
                    (a, b) => a.or(b),
                };
                let when = |it: &Map<String, Value>| {
                    let number = |key: &str| it.get(key).and_then(Value::as_i64);
                    (number("step"), number("timestamp"))
                };
                if when(&found) >= when(&history.last) {
                    history.last = found;
                }
            }
        }
    }

    /// The last of them, with how many there were and between which bounds.
    pub(super) fn told(self) -> Value {
        let mut told = self.last;
        if self.count > 1 {
            told.insert("count".to_owned(), self.count.into());
            if let Some((least, most)) = self.bounds {
                told.insert("min".to_owned(), least.into());
                told.insert("max".to_owned(), most.into());
            }
        }
        Value::Object(told)
    }
}

impl<'q> Cursor<'q> {
    fn of<'d>(select: &'q mut Select<'d>) -> Result<Cursor<'q>, String> {
        let Select { query, key, fields } = select;
        let mut cursor =
            Cursor { rows: query.rows()?, key: *key, fields: fields.as_slice(), next: None, orphans: 0, failed: None };
        cursor.advance();
        match cursor.failed.take() {
            Some(why) => Err(why),
            None => Ok(cursor),
        }
    }

    fn advance(&mut self) {
        match self.rows.next() {
            Ok(next) => self.next = next,
            Err(why) => self.failed = Some(why),
        }
    }
}

/// In SQLite's order, as far as keys go: nothing, numbers, texts.
fn by_key(row: &[Value], key: &[Value]) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Number(_) => 1,
        Value::String(_) => 2,
        _ => 0,
    };
    let orders = row.iter().zip(key).map(|(a, b)| match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.as_f64().unwrap_or_default().total_cmp(&b.as_f64().unwrap_or_default()),
        },
        (Value::String(a), Value::String(b)) => a.as_bytes().cmp(b.as_bytes()),
        (a, b) => rank(a).cmp(&rank(b)),
    });
    orders.fold(Ordering::Equal, Ordering::then)
}

/// Whether `t.column` or `table.column` is there.
fn known(database: &Database, from: &[(&str, &str, &str)], column: &str) -> bool {
    let Some((owner, column)) = column.split_once('.') else { return false };
    let table = from.iter().find(|(short, _, _)| *short == owner).map_or(owner, |(_, table, _)| table);
    database.has_column(table, column)
}

fn select<'d>(
    database: &'d Database,
    from: &[(&str, &str, &str)],
    key: &[String],
    only: &str,
    fields: &'static [Field],
) -> Result<Select<'d>, String> {
    let there = |field: &&Field| match field.needs {
        [] => known(database, from, field.sql),
        needs => needs.iter().all(|it| known(database, from, it)),
    };
    let fields: Vec<&Field> = fields.iter().filter(there).collect();
    let columns: Vec<&str> = key.iter().map(String::as_str).chain(fields.iter().map(|field| field.sql)).collect();
    let mut sql = format!("SELECT {} FROM", columns.join(", "));
    for (short, table, join) in from {
        match *join {
            "" => sql.push_str(&format!(" \"{table}\" {short}")),
            _ if database.has(table) => sql.push_str(&format!(" LEFT JOIN \"{table}\" {short} ON {join}")),
            _ => {}
        }
    }
    if !only.is_empty() {
        sql.push_str(&format!(" WHERE {only}"));
    }
    let order: Vec<String> = key.iter().map(|it| format!("{it} COLLATE BINARY")).collect();
    sql.push_str(&format!(" ORDER BY {}", order.join(", ")));
    Ok(Select { query: database.prepare(&sql)?, key: key.len(), fields })
}

/// Puts values where they stand. One that stands nowhere is the whole, and is given back.
fn place(values: &[Value], fields: &[&Field], body: &mut Map<String, Value>) -> Option<Value> {
    let mut whole = None;
    for (field, value) in fields.iter().zip(values).filter(|(_, value)| !value.is_null()) {
        let value = match value {
            Value::String(text) if field.json => serde_json::from_str(text).unwrap_or_else(|_| value.clone()),
            value => value.clone(),
        };
        if field.at.is_empty() { whole = Some(value) } else { put(body, field.at, value) }
    }
    whole
}

/// Puts a value at a path of keys.
pub(super) fn put(body: &mut Map<String, Value>, at: &str, value: Value) {
    match at.split_once('/') {
        None => drop(body.insert(at.to_owned(), value)),
        Some((first, rest)) => {
            let inner = body.entry(first).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}
