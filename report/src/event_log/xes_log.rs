//! The log as XES: one trace a customer, written when the customer leaves.

use super::{Event, Names};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, Event as Xml};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};

const EXTENSIONS: [(&str, &str, &str); 3] = [
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
];

pub(super) struct XesLog {
    writer: Writer<BufWriter<File>>,
    /// The traces of those inside.
    traces: BTreeMap<(u8, u32), Trace>,
}

struct Trace {
    id: String,
    class: String,
    events: Vec<[String; 5]>,
}

impl XesLog {
    pub(super) fn begin(file: BufWriter<File>) -> io::Result<XesLog> {
        let mut writer = Writer::new_with_indent(file, b' ', 1);
        writer.write_event(Xml::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let log = BytesStart::new("log").with_attributes([
            ("xes.version", "1849-2016"),
            ("xes.features", ""),
            ("xmlns", "http://www.xes-standard.org/"),
        ]);
        writer.write_event(Xml::Start(log))?;
        for (name, prefix, uri) in EXTENSIONS {
            empty(&mut writer, "extension", &[("name", name), ("prefix", prefix), ("uri", uri)])?;
        }
        global(&mut writer, "trace", &[("string", "concept:name", "")])?;
        let of_events = [
            ("string", "concept:name", ""),
            ("string", "lifecycle:transition", "complete"),
            ("date", "time:timestamp", "1970-01-01T00:00:00.000+00:00"),
        ];
        global(&mut writer, "event", &of_events)?;
        empty(&mut writer, "classifier", &[("name", "activity"), ("keys", "concept:name")])?;
        let both = [("name", "activity and lifecycle"), ("keys", "concept:name lifecycle:transition")];
        empty(&mut writer, "classifier", &both)?;
        Ok(XesLog { writer, traces: BTreeMap::new() })
    }

    pub(super) fn open(&mut self, key: (u8, u32), id: &str, class: &str) {
        let trace = Trace { id: id.to_owned(), class: class.to_owned(), events: Vec::new() };
        self.traces.insert(key, trace);
    }

    pub(super) fn add(&mut self, key: (u8, u32), names: &Names, event: Event) {
        if let Some(trace) = self.traces.get_mut(&key) {
            trace.events.push([
                names.activity(event.activity).to_owned(),
                event.transition.word().to_owned(),
                names.timestamp(event.at),
                names.station(event.activity).to_owned(),
                event.status.word().to_owned(),
            ]);
        }
    }

    /// Writes a trace and forgets it.
    pub(super) fn close(&mut self, key: (u8, u32)) -> io::Result<()> {
        let Some(trace) = self.traces.remove(&key) else { return Ok(()) };
        let writer = &mut self.writer;
        writer.write_event(Xml::Start(BytesStart::new("trace")))?;
        attribute(writer, "string", "concept:name", &trace.id)?;
        attribute(writer, "string", "class", &trace.class)?;
        for [activity, transition, timestamp, station, status] in &trace.events {
            writer.write_event(Xml::Start(BytesStart::new("event")))?;
            attribute(writer, "string", "concept:name", activity)?;
            attribute(writer, "string", "lifecycle:transition", transition)?;
            attribute(writer, "date", "time:timestamp", timestamp)?;
            if !station.is_empty() {
                attribute(writer, "string", "station", station)?;
            }
            attribute(writer, "string", "encounter_status", status)?;
            writer.write_event(Xml::End(BytesEnd::new("event")))?;
        }
        writer.write_event(Xml::End(BytesEnd::new("trace")))
    }

    pub(super) fn end(mut self) -> io::Result<()> {
        self.writer.write_event(Xml::End(BytesEnd::new("log")))?;
        let mut file = self.writer.into_inner();
        file.write_all(b"\n")?;
        file.flush()
    }
}

fn empty(writer: &mut Writer<BufWriter<File>>, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
    let element = BytesStart::new(name).with_attributes(attributes.iter().copied());
    writer.write_event(Xml::Empty(element))
}

fn attribute(writer: &mut Writer<BufWriter<File>>, kind: &str, key: &str, value: &str) -> io::Result<()> {
    empty(writer, kind, &[("key", key), ("value", value)])
}

fn global(
    writer: &mut Writer<BufWriter<File>>,
    scope: &str,
    attributes: &[(&str, &str, &str)],
) -> io::Result<()> {
    writer.write_event(Xml::Start(BytesStart::new("global").with_attributes([("scope", scope)])))?;
    for (kind, key, value) in attributes {
        attribute(writer, kind, key, value)?;
    }
    writer.write_event(Xml::End(BytesEnd::new("global")))
}
