//! Objects of a repository by their id, each checked against it: what does not hash to its id was edited
//! or damaged. It knows no meaning of what it reads.

use gix_hash::{Kind as Hash, ObjectId, oid};
use gix_object::{Find, FindHeader, Kind};
use gix_odb::pack::cache::DecodeEntry;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// The most memory that one object may ask for.
const MOST: usize = 64 << 20;
/// How many bytes of objects that others are deltas of are kept at hand.
const KEPT: usize = 32 << 20;

/// The objects of one repository.
pub(super) struct Objects {
    store: gix_odb::HandleArc,
    pub(super) hash: Hash,
}

impl Objects {
    /// Opens the directory of objects.
    pub(super) fn open(git_dir: &Path, hash: Hash) -> Result<Objects, String> {
        let options = gix_odb::store::init::Options { alloc_limit_bytes: Some(MOST), ..Default::default() };
        let opened = guarded(|| gix_odb::at_opts(git_dir.join("objects"), hash, [], options))?;
        let opened = opened.and_then(gix_odb::Handle::into_arc);
        let mut store = opened.map_err(|error| format!("its objects cannot be opened: {error}"))?;
        store.set_pack_cache(|| Box::new(Bases::default()));
        Ok(Objects { store, hash })
    }

    /// An object of that kind, into a buffer.
    ///
    /// # Errors
    /// When it is not there, is of another kind, or is not what its id says.
    pub(super) fn read<'b>(&self, id: &oid, kind: Kind, buffer: &'b mut Vec<u8>) -> Result<&'b [u8], String> {
        let (found, data) = self.any(id, buffer)?;
        if found != kind {
            return Err(format!("{id} is a {found}, expected a {kind}"));
        }
        Ok(data)
    }

    /// An object of any kind.
    pub(super) fn any<'b>(&self, id: &oid, buffer: &'b mut Vec<u8>) -> Result<(Kind, &'b [u8]), String> {
        let read = guarded(|| {
            let data = self.store.try_find(id, buffer).map_err(|error| unreadable(id, &error))?;
            let data = data.ok_or_else(|| format!("{id} is not there"))?;
            data.verify_checksum(id)
                .map_err(|_| format!("{id} is not what its id says: it was edited or damaged after it was made"))?;
            Ok::<_, String>((data.kind, data.data.len()))
        })?;
        let (kind, len) = read?;
        Ok((kind, buffer.get(..len).unwrap_or_default()))
    }

    /// The kind and size of an object, without reading it.
    pub(super) fn size(&self, id: &oid) -> Result<u64, String> {
        let header = guarded(|| self.store.try_header(id))?.map_err(|error| unreadable(id, &error))?;
        header.map(|it| it.size).ok_or_else(|| format!("{id} is not there"))
    }
}

/// What the library breaks on, which is a bug in it, costs one object.
fn guarded<T>(read: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read)).map_err(|_| "reading it broke the library that reads git's objects".to_owned())
}

fn unreadable(id: &oid, error: &impl std::fmt::Display) -> String {
    let said: String = error.to_string().lines().next().unwrap_or_default().chars().take(200).collect();
    format!("{id} cannot be read: {said}")
}

/// Its kind, its compressed size, its bytes.
type Base = (Kind, usize, Box<[u8]>);

/// Objects that others are deltas of. When there are too many they all go.
#[derive(Default)]
struct Bases {
    held: HashMap<(u32, u64), Base>,
    bytes: usize,
}

impl DecodeEntry for Bases {
    fn put(&mut self, pack: u32, offset: u64, data: &[u8], kind: Kind, compressed: usize) {
        if data.len() > KEPT / 8 {
            return;
        }
        if self.bytes + data.len() > KEPT {
            self.held.clear();
            self.bytes = 0;
        }
        self.bytes += data.len();
        if let Some((_, _, old)) = self.held.insert((pack, offset), (kind, compressed, data.into())) {
            self.bytes -= old.len();
        }
    }

    fn get(&mut self, pack: u32, offset: u64, out: &mut Vec<u8>) -> Option<(Kind, usize)> {
        let (kind, compressed, data) = self.held.get(&(pack, offset))?;
        out.clear();
        out.extend_from_slice(data);
        Some((*kind, *compressed))
    }
}

/// An id as text.
pub(super) fn id_of(text: &[u8]) -> Option<ObjectId> {
    ObjectId::from_hex(text.trim_ascii()).ok()
}
