//! What a workbook may cost, seen before it is read: it is a small file that may unpack to a large one, and what it says of itself may be
//! a lie. The reader keeps a whole text, the names of open elements, and everything but the sheets in memory.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use quick_xml::{Reader, events::Event};
use zip::ZipArchive;

use super::{MAX_ROW_BYTES, ReadError, broken, too_large};

/// The most that all parts may unpack to, in bytes.
const MAX_UNPACKED: u64 = 512 << 20;
/// The most that a part may that is no XML, as a picture.
const MAX_OTHER_PART: u64 = 16 << 20;
/// The longest tag or text, in bytes.
const MAX_PIECE: u64 = MAX_ROW_BYTES + (64 << 10);
/// How deep elements may lie within one another.
const MAX_DEPTH: usize = 64;
/// The most strings of the sheets together.
const MAX_STRINGS: u64 = 2_000_000;
/// The most of what is held in memory otherwise.
const MAX_HELD: u64 = 200_000;

/// Reads all parts of the archive without keeping anything.
///
/// # Errors
/// `file_too_large`, or that it is no workbook.
pub(super) fn check(packed: &[u8]) -> Result<(), ReadError> {
    let mut archive = ZipArchive::new(Cursor::new(packed)).map_err(broken)?;
    let (mut left, mut counted) = (MAX_UNPACKED, Counted::default());
    for number in 0..archive.len() {
        let mut part = archive.by_index(number).map_err(broken)?;
        let name = part.name().map_err(broken)?.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let most = most_of(&name).min(left);
        if part.size() > most {
            return Err(too_large(most));
        }
        let looked = look_through(&mut part, most, &mut counted);
        drop(part);
        let size = match looked {
            Ok(size) => size,
            Err(Refusal::TooLarge(most)) => return Err(too_large(most)),
            Err(Refusal::Costly(what)) => return Err(broken(what)),
            Err(Refusal::NoXml) => other(&mut archive, number, most.min(MAX_OTHER_PART))?,
        };
        left = left.saturating_sub(size);
    }
    Ok(())
}

/// The most that a part of this name may unpack to. Styles take many times their size in memory.
fn most_of(name: &str) -> u64 {
    match name {
        "styles.xml" => 4 << 20,
        "sharedstrings.xml" => 128 << 20,
        _ => MAX_UNPACKED,
    }
}

/// The size of a part that is no XML.
fn other(archive: &mut ZipArchive<Cursor<&[u8]>>, number: usize, most: u64) -> Result<u64, ReadError> {
    let part = archive.by_index(number).map_err(broken)?;
    let size = io::copy(&mut part.take(most + 1), &mut io::sink()).map_err(broken)?;
    if size > most { Err(too_large(most)) } else { Ok(size) }
}

enum Refusal {
    TooLarge(u64),
    Costly(&'static str),
    NoXml,
}

/// What is held in memory, over all parts: any of them may turn out to be the one that is read.
#[derive(Default)]
struct Counted {
    strings: u64,
    held: u64,
}

impl Counted {
    fn add(&mut self, element: &str) -> Result<(), Refusal> {
        match element {
            "si" => self.strings += 1,
            "sheet" | "definedName" | "Relationship" | "Override" | "xf" | "numFmt" | "externalReference" | "pivotCache" => {
                self.held += 1;
            }
            _ => {}
        }
        if self.strings > MAX_STRINGS || self.held > MAX_HELD { Err(Refusal::Costly("more than is held in memory")) } else { Ok(()) }
    }
}

/// Reads a part as the reader does, and gives its size.
fn look_through(part: impl Read, most: u64, counted: &mut Counted) -> Result<u64, Refusal> {
    let mut xml = Reader::from_reader(Metered { inner: BufReader::new(part), piece: 0, total: 0 });
    xml.config_mut().check_end_names = false;
    xml.config_mut().allow_unmatched_ends = true;
    let (mut buffer, mut depth, mut told) = (Vec::new(), 0_usize, 0);
    loop {
        let event = xml.read_event_into(&mut buffer);
        match event {
            Ok(Event::Start(element)) => {
                depth += 1;
                told = told.max(strings_told(&element));
                counted.add(element.local_name().as_ref())?;
            }
            Ok(Event::Empty(element)) => {
                told = told.max(strings_told(&element));
                counted.add(element.local_name().as_ref())?;
            }
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(Event::Eof) => break,
            Ok(_) => {}
            // The reader takes what stands before the fault for true, too.
            Err(_) if has_room(told, xml.get_ref().total) => return Err(Refusal::NoXml),
            Err(_) => break,
        }
        if depth > MAX_DEPTH {
            return Err(Refusal::Costly("elements within elements without end"));
        }
        buffer.clear();
        xml.get_mut().piece = 0;
        if xml.get_ref().total > most {
            return Err(Refusal::TooLarge(most));
        }
    }
    let size = xml.get_ref().total;
    if has_room(told, size) { Ok(size) } else { Err(Refusal::Costly("more strings are told than there is room for")) }
}

/// Whether so many strings may stand in so many bytes: the shortest takes six, and the reader makes room for as many as are told.
const fn has_room(told: u64, size: u64) -> bool {
    told <= size / 6 + 1
}

/// The number in `uniqueCount="…"`, where an element has one; what is no number counts as endless.
fn strings_told(element: &quick_xml::events::BytesStart<'_>) -> u64 {
    let Ok(Some(told)) = element.try_get_attribute("uniqueCount") else { return 0 };
    told.value.trim().parse().unwrap_or(u64::MAX)
}

/// A reader that ends where a piece is longer than it may be.
struct Metered<R> {
    inner: R,
    /// How many bytes of the present piece were read.
    piece: u64,
    total: u64,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.piece > MAX_PIECE { Err(io::ErrorKind::InvalidData.into()) } else { self.inner.fill_buf() }
    }

    fn consume(&mut self, amount: usize) {
        let count = u64::try_from(amount).unwrap_or(u64::MAX);
        self.piece = self.piece.saturating_add(count);
        self.total = self.total.saturating_add(count);
        self.inner.consume(amount);
    }
}
