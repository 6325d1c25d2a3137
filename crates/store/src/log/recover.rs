//! Reading the log back: what is durable, where it ends, and whether it is damaged.

use std::sync::Arc;

use super::LogOptions;
use super::back::{Back, Files, NEXT, file_name, segment_of};
use super::error::LogError;
use super::front::{Chunk, Front};
use super::head::Head;
use super::known::Known;
use super::record::without_blank_end;
use super::scan::{Scan, Stop, read_head};
use crate::disk::{Disk, DiskFile, read_exact_at};

/// Enough of a segment's beginning to hold any head, in bytes.
const HEAD_ROOM: u64 = 64 << 10;

/// The unfinished last write that recovery found and cleared away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// The file's name inside the log's directory.
    pub file: String,
    /// Where the log now ends in it, in bytes.
    pub offset: u64,
    /// How many bytes behind it were cleared.
    pub bytes: u64,
}

/// The parts of an open log.
pub(super) struct Opened<D: Disk> {
    pub(super) front: Front,
    pub(super) back: Back<D>,
    pub(super) files: Files<D>,
    pub(super) torn: Option<Torn>,
}

/// Opens what the directory holds, or begins a log in an empty one.
pub(super) fn recover<D: Disk>(disk: &D, options: LogOptions) -> Result<Opened<D>, LogError> {
    let segments = list_segments(disk)?;
    let Some((&oldest, &newest)) = segments.first().zip(segments.last()) else {
        return begin(disk, options);
    };
    let heads = segments.iter().map(|segment| load_head(disk, *segment));
    let heads = heads.collect::<Result<Vec<_>, _>>()?;
    let mut known = Known::starting_at(heads[0].next_index, heads[0].markers.clone());
    let files = Files::<D>::default();
    let mut stop: Option<Stop> = None;
    for (segment, following) in segments.iter().zip(1..) {
        let name = file_name(*segment);
        let (file, bytes) = load(disk, *segment)?;
        let scan = Scan::new(*segment, &name, &bytes)?;
        if let Some(stop) = stop {
            scan.check_joins(&known, stop)?;
        }
        known.begin_segment(*segment);
        let end = heads.get(following).map(|head| head.previous_end as usize);
        let here = scan.run(&mut known, end)?;
        if *segment == newest {
            check_start(oldest, &known)?;
            files.lock().expect("not shared yet").insert(newest, Arc::new(file));
            return finish(disk, options, known, files, &bytes, here);
        }
        stop = Some(here);
        files.lock().expect("not shared yet").insert(*segment, Arc::new(file));
    }
    unreachable!("the newest segment is among the segments")
}

/// Clears an interrupted write away and makes durable what was read.
fn finish<D: Disk>(
    disk: &D,
    options: LogOptions,
    known: Known,
    files: Files<D>,
    bytes: &[u8],
    stop: Stop,
) -> Result<Opened<D>, LogError> {
    let segment = stop.end.segment;
    let name = file_name(segment);
    let file = files.lock().expect("not shared yet")[&segment].clone();
    let torn = rewrite_tail(file.as_ref(), &name, bytes, stop)?;
    file.sync().map_err(LogError::io(format!("syncing {name}")))?;
    disk.sync_dir().map_err(LogError::io("syncing the directory"))?;
    let back = Back::new(disk.clone(), options.segment_bytes, files.clone(), stop.end.offset);
    let mut front = Front::new(known, stop.end, bytes.len(), stop.next_group, options);
    front.close_with_empty_group();
    Ok(Opened { front, back, files, torn })
}

/// Begins a log in an empty directory.
fn begin<D: Disk>(disk: &D, options: LogOptions) -> Result<Opened<D>, LogError> {
    let files = Files::<D>::default();
    let chunk = Chunk::first(options.segment_bytes);
    let mut end = chunk.place;
    end.offset += chunk.bytes.len();
    let mut back = Back::new(disk.clone(), options.segment_bytes, files.clone(), end.offset);
    back.begin_segment(&chunk)?;
    let mut known = Known::default();
    known.begin_segment(chunk.place.segment);
    let front = Front::new(known, end, options.segment_bytes, 1, options);
    Ok(Opened { front, back, files, torn: None })
}

/// Lists the segments in order, clears a half-prepared one away, and refuses holes.
fn list_segments<D: Disk>(disk: &D) -> Result<Vec<u64>, LogError> {
    let names = disk.list().map_err(LogError::io("listing the directory"))?;
    if names.iter().any(|name| name == NEXT) {
        disk.remove(NEXT).map_err(LogError::io("removing an unused segment"))?;
    }
    let mut segments: Vec<u64> = names.iter().filter_map(|name| segment_of(name)).collect();
    segments.sort_unstable();
    for pair in segments.windows(2) {
        if pair[1] != pair[0] + 1 {
            return Err(LogError::corrupt(&file_name(pair[0] + 1), 0, "the file is missing"));
        }
    }
    Ok(segments)
}

/// Reads a segment's head only.
fn load_head<D: Disk>(disk: &D, segment: u64) -> Result<Head, LogError> {
    let (_, bytes) = load_up_to(disk, segment, HEAD_ROOM)?;
    read_head(segment, &file_name(segment), &bytes).map(|(head, _)| head)
}

/// Opens and reads a whole segment.
fn load<D: Disk>(disk: &D, segment: u64) -> Result<(D::File, Vec<u8>), LogError> {
    load_up_to(disk, segment, u64::MAX)
}

fn load_up_to<D: Disk>(disk: &D, segment: u64, limit: u64) -> Result<(D::File, Vec<u8>), LogError> {
    let name = file_name(segment);
    let file = disk.open(&name).map_err(LogError::io(format!("opening {name}")))?;
    let length = file.length().map_err(LogError::io(format!("measuring {name}")))?;
    let mut bytes = vec![0; length.min(limit) as usize];
    read_exact_at(&file, 0, &mut bytes).map_err(LogError::io(format!("reading {name}")))?;
    Ok((file, bytes))
}

/// The oldest segments go only once they are purged, and then nothing is missing at the start.
fn check_start(oldest: u64, known: &Known) -> Result<(), LogError> {
    let range = known.entries.range();
    let whole = match &known.markers.purged {
        Some((purged, _)) => range.start <= purged + 1,
        None => oldest == 1,
    };
    if whole {
        return Ok(());
    }
    Err(LogError::corrupt(&file_name(oldest - 1), 0, "the file is missing, and was not purged"))
}

/// Writes the last group again, and zeros over what an interrupted write left behind it.
///
/// The last group reads back, but nothing proves that it is durable: the process that wrote it may
/// have died before its sync, or its sync may have failed, and then the kernel holds the pages as
/// clean and would never write them. Writing them makes them dirty again. The zeros keep debris
/// from ever being taken for records.
fn rewrite_tail(
    file: &impl DiskFile,
    name: &str,
    bytes: &[u8],
    stop: Stop,
) -> Result<Option<Torn>, LogError> {
    let offset = stop.end.offset;
    let debris = without_blank_end(&bytes[offset..]).len();
    let mut tail = bytes[stop.last_group..offset + debris].to_vec();
    tail[offset - stop.last_group..].fill(0);
    file.write_at(stop.last_group as u64, &tail)
        .map_err(LogError::io(format!("writing the end of {name} again")))?;
    let torn = Torn { file: name.to_owned(), offset: offset as u64, bytes: debris as u64 };
    Ok((debris > 0).then_some(torn))
}
