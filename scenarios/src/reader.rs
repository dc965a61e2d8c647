//! Reading files: a TOML text with places, formats declared key by key, and every mistake answered at once.
//!
//! A format is a set of declared keys ([`key`]) grouped into tables. The same declaration reads the file, makes the
//! JSON Schema and the reference page ([`schema`]), and knows the accepted form of everything that was mistyped.
//! A reader asks a [`Table`] for each of its keys, collects mistakes as it goes, and gives up only at the end:
//!
//! ```
//! use onetrip_scenarios::reader::key::{Defaulted, Required, TableSpec, defaulted, required};
//! use onetrip_scenarios::reader::kinds::{Count, Duration, List, Name};
//! use onetrip_scenarios::reader::{Document, EvidenceRule, Record, Table, read};
//! use onetrip_sim::time::SimSpan;
//!
//! struct Station { name: String, server_count: u32, service_time: SimSpan }
//!
//! static NAME: Required<Name> = required("name", Name, "what the station is called");
//! static SERVERS: Defaulted<Count> = defaulted("servers", Count::POSITIVE, "1", "how many serve");
//! static SERVICE_TIME: Required<Duration> = required("service_time", Duration::POSITIVE, "time to serve one");
//! static STATION: TableSpec =
//!     TableSpec { name: "station", doc: "a place with one queue", keys: &[&NAME, &SERVERS, &SERVICE_TIME] };
//!
//! fn read_station(table: &Table<'_>) -> Option<Station> {
//!     let name = table.read(&NAME);
//!     let server_count = table.read(&SERVERS);
//!     let service_time = table.read(&SERVICE_TIME);
//!     Some(Station { name: name?, server_count: server_count?, service_time: service_time? })
//! }
//!
//! static STATIONS: Required<List<Record<Station>>> =
//!     required("station", List::at_least(1, Record { spec: &STATION, read: read_station }), "the stations");
//! static NETWORK: Record<Vec<Station>> = Record {
//!     spec: &TableSpec { name: "network", doc: "a network", keys: &[&STATIONS] },
//!     read: |table| table.read(&STATIONS),
//! };
//!
//! let mut document = Document::parse("desk.toml", "[[station]]\nname = \"挂号\"\nservice_time = \"4.5 min\"\n");
//! document.set("station.挂号.servers=3");
//! let stations = read(document, &NETWORK, EvidenceRule::Optional).unwrap().value;
//! assert_eq!(stations[0].server_count, 3);
//!
//! let wrong = Document::parse("desk.toml", "[[station]]\nname = \"挂号\"\nservers = 0\nservice = \"4.5\"\n");
//! let mistakes = read(wrong, &NETWORK, EvidenceRule::Optional).err().unwrap();
//! assert_eq!(mistakes.len(), 2); // `servers` must be positive; `service` is unknown, `service_time` is meant
//! ```

mod changed_schema;
mod context;
mod diagnostic;
mod document;
mod extension;
pub mod key;
pub mod kinds;
mod overrides;
mod provenance;
pub mod schema;
mod set_aside;
mod source;
mod table;

pub use changed_schema::extensible_json_schema;
pub use context::{Item, Reading, read};
pub use diagnostic::{ByteSpan, Diagnostic, Diagnostics, Ink, Mistake, Severity, nearest_name};
pub use document::Document;
pub(crate) use document::{Node, Value};
pub use provenance::{Evidence, EvidenceRule, Origin, Provenance};
pub use source::{At, KeyPath, Place};
pub use table::{Group, Record, Table, Union};

#[cfg(test)]
mod tests;
