//! Writing a few operations of a log as a log of their own, which verifies and replays by itself.

use crate::operation::{Lost, Operation, Outcome};
use crate::reader::{LogError, LogReader};
use crate::record::{Header, Record};
use crate::report::{Evidence, Property};
use crate::state::ObjectKind;
use crate::writer::LogWriter;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Seek, Write};
use thiserror::Error;

/// Why no extract was made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The log cannot be read from its beginning again, or the extract cannot be written.
    #[error("the extract cannot be written")]
    Io(#[from] io::Error),
    /// The evidence is of another log.
    #[error("operation {id} is not in the log; evidence belongs to the log it was found in")]
    UnknownOperation {
        /// Its id.
        id: u64,
    },
}

/// Writes the evidence on a property as a log of its own: its operations, those they cannot be repeated without
/// (whose answers gave them values, or resolved them), their templates and slots, and the final states of the objects
/// they name. Returns how many operations it has.
///
/// The log is read from its beginning once for every link of the longest chain of values, and three times more.
///
/// # Errors
/// [`ExtractError`]; the sink may then hold part of the extract.
pub fn extract(
    log: &mut (impl BufRead + Seek),
    property: Property,
    evidence: &Evidence,
    sink: impl Write,
) -> Result<u64, ExtractError> {
    let mut wanted: BTreeSet<u64> = evidence.operations.iter().copied().collect();
    let operations = needed(log, &mut wanted)?;
    if let Some(&id) = evidence.operations.iter().find(|id| !operations.contains_key(id)) {
        return Err(ExtractError::UnknownOperation { id });
    }
    let mut objects: BTreeSet<(ObjectKind, String)> = operations.values().flat_map(named).collect();
    objects.extend(owners(log, &objects)?);
    let templates: BTreeSet<u32> = operations.values().filter_map(|operation| operation.template).collect();
    log.rewind()?;
    let mut reader = LogReader::new(log)?;
    let header = Header { shows: Some(property.name().to_owned()), ..reader.header().clone() };
    let mut writer = LogWriter::new(sink, &header)?;
    let mut listed = None;
    while let Some(record) = reader.next_record()? {
        let keep = match &record {
            Record::Template(template) => templates.contains(&template.index),
            Record::Slot(slot) => objects.contains(&(ObjectKind::Slot, slot.id.to_string())),
            Record::Final(_) if property.is_about_the_run() => false,
            Record::Final(state) => {
                objects.contains(&(state.kind, state.id.to_string()))
                    || state.slot.as_ref().is_some_and(|id| {
                        state.kind == ObjectKind::Appointment
                            && objects.contains(&(ObjectKind::Slot, id.to_string()))
                    })
                    || state
                        .invoice
                        .as_ref()
                        .is_some_and(|id| objects.contains(&(ObjectKind::Invoice, id.to_string())))
            }
            Record::End(end) => {
                listed = Some(if property.is_about_the_run() { Vec::new() } else { end.listed.clone() });
                false
            }
            Record::Header(_) => false,
            Record::Operation(operation) => {
                if operations.contains_key(&operation.id) {
                    let mut operation = operation.clone();
                    if evidence.open_operations.contains(&operation.id) {
                        operation.outcome = Outcome::Unknown(Lost::StillOpen);
                    }
                    writer.operation(&operation)?;
                }
                false
            }
        };
        if keep {
            writer.record(&record)?;
        }
    }
    let count = writer.operation_count();
    match listed {
        Some(listed) => {
            writer.end(&listed)?;
        }
        None => writer.flush()?,
    }
    Ok(count)
}

/// The wanted operations, those that resolved them, and those of the same patient whose answers gave them values.
fn needed(
    log: &mut (impl BufRead + Seek),
    wanted: &mut BTreeSet<u64>,
) -> Result<BTreeMap<u64, Operation<'static>>, ExtractError> {
    let mut found: BTreeMap<u64, Operation<'static>> = BTreeMap::new();
    loop {
        log.rewind()?;
        let mut reader = LogReader::new(&mut *log)?;
        let mut given: BTreeMap<(u64, String), Option<Operation<'static>>> = BTreeMap::new();
        let mut needed_by: BTreeMap<(u64, String), u64> = BTreeMap::new();
        for operation in found.values() {
            for argument in &operation.arguments {
                for value in [&**argument, last_part(argument)] {
                    let place = (operation.patient, value.to_owned());
                    let sent_at = needed_by.entry(place.clone()).or_insert(operation.at.sent_at);
                    *sent_at = operation.at.sent_at.min(*sent_at);
                    given.insert(place, None);
                }
            }
        }
        let count_before = found.len();
        while let Some(record) = reader.next_record()? {
            let Record::Operation(operation) = record else { continue };
            let resolves = operation.resolves.is_some_and(|id| wanted.contains(&id));
            for (_, value) in &operation.captured {
                let place = (operation.patient, value.to_string());
                let Some(&sent_at) = needed_by.get(&place) else { continue };
                let best = given.entry(place).or_default();
                let later = best.as_ref().is_none_or(|best| best.at.done_at < operation.at.done_at);
                if operation.at.done_at <= sent_at && later {
                    *best = Some(operation.clone().into_owned());
                }
            }
            if wanted.contains(&operation.id) || resolves {
                wanted.insert(operation.id);
                found.entry(operation.id).or_insert_with(|| operation.into_owned());
            }
        }
        for operation in given.into_values().flatten() {
            wanted.insert(operation.id);
            found.entry(operation.id).or_insert(operation);
        }
        if found.len() == count_before {
            return Ok(found);
        }
    }
}

/// The slots of the named appointments and the invoices of the named payments, as the final states tell them.
fn owners(
    log: &mut (impl BufRead + Seek),
    objects: &BTreeSet<(ObjectKind, String)>,
) -> Result<Vec<(ObjectKind, String)>, ExtractError> {
    log.rewind()?;
    let mut reader = LogReader::new(log)?;
    let mut owners = Vec::new();
    while let Some(record) = reader.next_record()? {
        let Record::Final(state) = record else { continue };
        if objects.contains(&(state.kind, state.id.to_string())) {
            owners.extend(state.slot.map(|id| (ObjectKind::Slot, id.to_string())));
            owners.extend(state.invoice.map(|id| (ObjectKind::Invoice, id.to_string())));
        }
    }
    Ok(owners)
}

fn last_part(argument: &str) -> &str {
    argument.rsplit_once('/').map_or(argument, |(_, id)| id)
}

/// The objects an operation names.
fn named(operation: &Operation<'_>) -> Vec<(ObjectKind, String)> {
    let fields = [
        (ObjectKind::Slot, &operation.slot),
        (ObjectKind::Hold, &operation.hold),
        (ObjectKind::Appointment, &operation.appointment),
        (ObjectKind::Invoice, &operation.invoice),
        (ObjectKind::Payment, &operation.payment),
        (ObjectKind::Order, &operation.order),
    ];
    let object = operation.object.iter().map(|(kind, id)| (*kind, id.to_string()));
    fields.into_iter().filter_map(|(kind, id)| Some((kind, id.as_ref()?.to_string()))).chain(object).collect()
}
