//! The log itself: what is written is read, what is torn is told, what is wrong is named by its line.

use crate::hospital::Day;
use onetrip_history::{
    Action, Capture, CheckOptions, FORMAT_VERSION, FinalState, Header, History, Instants, LogError,
    LogReader, LogWriter, Lost, ObjectKind, Operation, Outcome, Property, Rebinding, Record, Refusal, Replay,
    Seen, SlotDeclaration, State, Template, Verdict, check,
};
use std::time::Instant;

fn header() -> Header {
    Header::new("one clinic", 7, "desk", "http://127.0.0.1:8080", "2027-03-01T08:00:00Z")
}

fn at(intended_at: u64, sent_at: u64, done_at: u64) -> Instants {
    Instants { intended_at, sent_at, done_at }
}

fn full_operation() -> Operation<'static> {
    let outcome = Outcome::Refused(409, Refusal::Taken);
    Operation {
        attempt: 2,
        slot: Some("s\"1\n".into()),
        hold: Some("h".into()),
        appointment: Some("预约".into()),
        invoice: Some("i".into()),
        payment: Some("p".into()),
        order: Some("o".into()),
        object: Some((ObjectKind::Encounter, "e".into())),
        key: Some("k".into()),
        amount: Some(-5),
        hold_time_us: Some(900_000_000),
        place_count: Some(3),
        wants: Some(State::CheckedIn),
        resolves: Some(4),
        seen: vec![Seen { kind: ObjectKind::Slot, id: "s1".into(), state: State::BusyTentative }],
        captured: vec![("slot".into(), "s1".into())],
        template: Some(0),
        arguments: vec!["s1".into(), "张".into()],
        ..Operation::new(9, 12, "lock", Action::Hold, at(1, 2, 3), outcome)
    }
}

#[test]
fn every_record_comes_back_as_it_was_written() {
    let template = Template {
        index: 0,
        method: "POST".to_owned(),
        path: "/slots/{0}/lock".to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: "{\"patient\":\"{1}\"}".to_owned(),
        captures: vec![Capture { name: "hold".to_owned(), from: "/id".to_owned() }],
    };
    let slot = SlotDeclaration { id: "s1".into(), capacity: 4, taken_count: 1 };
    let mut state = FinalState::new(ObjectKind::Payment, "p", State::Settled);
    state.amount = Some(2_500);
    state.invoice = Some("i".into());
    let mut log = LogWriter::new(Vec::new(), &header()).unwrap();
    assert_eq!(log.template(&template).unwrap(), 0);
    log.slot(&slot).unwrap();
    log.operation(&full_operation()).unwrap();
    let outcomes = [Outcome::Ok(201), Outcome::Unknown(Lost::Timeout), Outcome::NotSent];
    let bare: Vec<_> = outcomes
        .into_iter()
        .zip(10..)
        .map(|(outcome, id)| Operation::new(id, 0, "", Action::Other, at(0, 0, 0), outcome))
        .collect();
    for operation in &bare {
        log.operation(operation).unwrap();
    }
    log.final_state(&state).unwrap();
    let bytes = log.end(&[ObjectKind::Payment]).unwrap();

    let mut reader = LogReader::new(&bytes[..]).unwrap();
    assert_eq!(reader.header(), &header());
    let mut next = || reader.next_record().unwrap().map(|record| format!("{record:?}"));
    assert_eq!(next(), Some(format!("{:?}", Record::Template(template))));
    assert_eq!(next(), Some(format!("{:?}", Record::Slot(slot))));
    assert_eq!(next(), Some(format!("{:?}", Record::Operation(full_operation()))));
    for operation in bare {
        assert_eq!(next(), Some(format!("{:?}", Record::Operation(operation))));
    }
    assert_eq!(next(), Some(format!("{:?}", Record::Final(state))));
    assert!(next().unwrap().starts_with("End"));
    assert_eq!(next(), None);
    assert!(reader.has_ended());
}

#[test]
fn a_log_cut_anywhere_is_read_up_to_the_cut() {
    let log = Day::small(3).log().unwrap();
    let first_line = log.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    let mut torn_count = 0;
    for cut in (first_line..log.len()).step_by(37) {
        let part = &log[..cut];
        let history = History::read(part).unwrap();
        let lines = part.iter().filter(|&&byte| byte == b'\n').count() as u64;
        if let Some(torn) = history.torn() {
            torn_count += 1;
            assert_eq!(torn.line, lines + 1);
            let line_start = part.iter().rposition(|&byte| byte == b'\n').unwrap() + 1;
            assert_eq!(torn.byte_count, (cut - line_start) as u64);
        }
        assert!(!history.has_ended());
        let report = check(&history, &CheckOptions::default());
        assert_eq!(report.violation_count(), 0, "cut at {cut}: {:?}", report.violated().collect::<Vec<_>>());
        assert!(matches!(report.finding(Property::SlotOrder).verdict, Verdict::NotCheckable { .. }));
    }
    assert!(torn_count > 100, "{torn_count}");
}

#[test]
fn a_broken_line_in_the_middle_is_named() {
    let log = String::from_utf8(Day::small(3).log().unwrap()).unwrap();
    let mut lines: Vec<&str> = log.lines().collect();
    lines[4] = "{\"operation\":{\"id\":1,\"patiend\":2}}";
    let error = History::read(lines.join("\n").as_bytes()).unwrap_err();
    let message = error.to_string();
    assert!(matches!(error, LogError::Line { line: 5, .. }), "{message}");
    assert!(message.contains("line 5: unknown field `patiend`"), "{message}");
}

#[test]
fn other_files_and_other_versions_are_refused() {
    let read = |text: &str| History::read(text.as_bytes()).unwrap_err();
    assert!(matches!(read(""), LogError::NoHeader));
    assert!(matches!(read("slot,patient\n1,2\n"), LogError::NoHeader));
    assert!(matches!(read("{\"end\":{\"operation_count\":0}}\n"), LogError::NoHeader));
    let mut log =
        String::from_utf8(LogWriter::new(Vec::new(), &header()).unwrap().end(&[]).unwrap()).unwrap();
    let known = format!("\"version\":{FORMAT_VERSION}");
    log = log.replace(&known, "\"version\":99");
    assert!(matches!(read(&log), LogError::Version { found: 99 }));
}

#[test]
fn disagreements_are_named() {
    let operation = |id, sent_at, done_at| {
        Operation::new(id, 0, "lock", Action::Hold, at(0, sent_at, done_at), Outcome::Ok(200))
    };
    let read = |operations: &[Operation<'_>]| {
        let mut log = LogWriter::new(Vec::new(), &header()).unwrap();
        for operation in operations {
            log.operation(operation).unwrap();
        }
        History::read(&log.end(&[]).unwrap()[..]).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(read(&[operation(1, 5, 9)]), Ok(()));
    let backwards = read(&[operation(1, 9, 5)]).unwrap_err();
    assert_eq!(backwards, "line 2: operation 1: done at 5 µs, before it was sent at 9 µs");
    let twice = read(&[operation(1, 5, 9), operation(1, 6, 9)]).unwrap_err();
    assert_eq!(twice, "line 4: operation 1 is there twice; ids are unique within a log");
}

#[test]
fn a_replay_sends_the_same_requests_with_the_ids_of_its_own_target() {
    let mut log = LogWriter::new(Vec::new(), &header()).unwrap();
    let template = |path: &str, body: &str| Template {
        index: 0,
        method: "POST".to_owned(),
        path: path.to_owned(),
        headers: Vec::new(),
        body: body.to_owned(),
        captures: vec![Capture { name: "hold".to_owned(), from: "/id".to_owned() }],
    };
    let lock = log.template(&template("/slots/{0}/lock", "")).unwrap();
    let confirm = log.template(&template("/confirm", "{\"hold\":\"{0}\",\"ref\":\"{1}\"}")).unwrap();
    let later = Operation {
        template: Some(confirm),
        arguments: vec!["h-41".into(), "Hold/h-41".into()],
        ..Operation::new(2, 0, "confirm", Action::Confirm, at(20, 20, 30), Outcome::Ok(200))
    };
    let earlier = Operation {
        template: Some(lock),
        arguments: vec!["s1".into()],
        captured: vec![("hold".into(), "h-41".into())],
        ..Operation::new(1, 0, "lock", Action::Hold, at(5, 5, 10), Outcome::Ok(200))
    };
    log.operation(&later).unwrap();
    log.operation(&earlier).unwrap();
    let replay = Replay::read(&log.end(&[]).unwrap()[..]).unwrap();
    let mut rebinding = Rebinding::new();
    assert_eq!(replay.steps[0].operation.id, 1);
    assert_eq!(rebinding.request(&replay.steps[0]).unwrap().path, "/slots/s1/lock");
    rebinding.learn(&replay.steps[0], &[("hold".to_owned(), "h-99".to_owned())]);
    let request = rebinding.request(&replay.steps[1]).unwrap();
    assert_eq!(request.body, "{\"hold\":\"h-99\",\"ref\":\"Hold/h-99\"}");
}

/// `cargo test --release -p onetrip-history -- --ignored --nocapture written`
#[test]
#[ignore = "timed; run it in release mode on a quiet machine"]
fn an_operation_is_written_in_two_microseconds() {
    let mut log = LogWriter::new(std::io::sink(), &header()).unwrap();
    let count = 1_000_000;
    let start = Instant::now();
    for id in 0..count {
        let mut operation =
            Operation::new(id, id / 8, "lock", Action::Hold, at(id, id + 3, id + 900), Outcome::Ok(201));
        operation.slot = Some("slot-000123".into());
        operation.hold = Some("b0f1c2d3-0000-4000-8000-0123456789ab".into());
        operation.key = Some("p000123-lock-1".into());
        operation.hold_time_us = Some(900_000_000);
        operation.template = Some(2);
        operation.arguments = vec!["slot-000123".into(), "p000123".into()];
        operation.captured = vec![("hold".into(), "b0f1c2d3-0000-4000-8000-0123456789ab".into())];
        log.operation(&operation).unwrap();
    }
    let time_us = start.elapsed().as_secs_f64() * 1e6 / count as f64;
    println!("{time_us:.2} µs and {} bytes per operation", log.byte_count() / count);
    assert!(time_us <= 2.0, "{time_us}");
}
