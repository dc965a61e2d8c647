//! A journey put together: names numbered, references between steps, pools and values checked.

use super::format::{
    Pairs, RawAsking, RawFinal, RawJourney, RawNext, RawPreparation, RawRequest, RawRule, RawSight, RawStep,
    RawSubjects,
};
use super::pattern::{Pattern, is_name};
use super::source::Source;
use super::step::{
    AnswerRule, Asking, Capture, FinalRead, Meaning, Moment, Paging, Pool, Preparation, RequestForm, Rows,
    Sight, StateSource, Step, Subjects, Then,
};
use super::values::Names;
use super::{BUILT_IN, Journey};
use http::Method;
use http::header::{CONTENT_TYPE, HeaderName, IF_MATCH};
use onetrip_history::State;
use onetrip_scenarios::reader::{At, Mistake, Place, Table};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Puts a journey together; `None` when mistakes were reported.
pub(super) fn assemble(raw: RawJourney, table: &Table<'_>) -> Option<Journey> {
    let mut assembly = Assembly {
        names: Names::default(),
        common: Vec::new(),
        table,
        step_names: Vec::new(),
        pools: Vec::new(),
        failed: false,
    };
    for name in BUILT_IN {
        assembly.names.number(name);
    }
    assembly.check_names(&raw.values);
    let written = assembly.in_order(raw.steps);
    assembly.step_names = written.iter().map(|step| step.name.value.clone()).collect();
    assembly.pools = raw.pools.iter().map(|pool| pool.name.value.clone()).collect();
    assembly.common = raw.headers.into_iter().filter_map(named).collect();
    let mut known: BTreeSet<usize> = (0..BUILT_IN.len()).collect();
    known.extend(raw.values.iter().map(|(name, _)| assembly.names.number(&name.value)));
    let mut preparations = Vec::new();
    for preparation in raw.preparations {
        let place = preparation.name.place.clone();
        let preparation = assembly.preparation(preparation);
        let paging = preparation.rows.iter().filter_map(|rows| rows.paging.next.as_ref());
        known.extend(paging.map(|next| next.value));
        assembly.needs_known(&preparation.form, &known, &place);
        known.extend(preparation.captures.iter().map(|capture| capture.value));
        known.extend(preparation.rows.iter().flat_map(|rows| &rows.columns).map(|column| column.value));
        preparations.push(preparation);
    }
    let row_values = known.clone();
    let mut steps = Vec::new();
    for step in written {
        let place = step.name.place.clone();
        let step = assembly.step(step, raw.hold_time.map(|span| span.as_micros()));
        assembly.needs_known(&step.form, &known, &place);
        known.extend(step.captures.iter().map(|capture| capture.value));
        if let Some(asking) = &step.asking {
            assembly.needs_known(&asking.form, &known, &place);
            known.extend(asking.captures.iter().map(|capture| capture.value));
        }
        let subjects = step.subjects.patterns().chain(step.sights.iter().map(|sight| &sight.id));
        for number in subjects.flat_map(Pattern::needs).collect::<Vec<_>>() {
            assembly.expect_known(number, &known, &place);
        }
        steps.push(step);
    }
    let mut finals = Vec::new();
    for read in raw.finals {
        let place = table.place();
        let read = assembly.final_read(read);
        let mut known = row_values.clone();
        known.extend(read.paging.next.as_ref().map(|next| next.value));
        assembly.needs_known(&read.form, &known, &place);
        for number in read.only.iter().flat_map(|(_, is)| is.needs()).collect::<Vec<_>>() {
            assembly.expect_known(number, &known, &place);
        }
        finals.push(read);
    }
    let values =
        raw.values.into_iter().map(|(name, text)| (assembly.names.number(&name.value), text)).collect();
    if assembly.failed {
        return None;
    }
    Some(Journey {
        name: raw.name,
        about: raw.about.unwrap_or_default(),
        patience_us: raw.patience.as_micros(),
        timeout_us: raw.timeout.as_micros(),
        try_count: raw.try_count,
        retry_count: raw.retry_count,
        retry_pause_us: raw.retry_pause.as_micros(),
        hold_time_us: raw.hold_time.map(|span| span.as_micros()),
        expiry_slack_us: raw.expiry_slack.as_micros(),
        slot_capacity: raw.slot_capacity,
        crowd: raw
            .crowd
            .iter()
            .filter_map(|(moment, share)| Some((Moment::from_word(&moment.value)?, share.part())))
            .collect(),
        names: Arc::new(assembly.names),
        values,
        secret_headers: raw.secret_headers.into_iter().map(|(name, value)| (name.value, value)).collect(),
        pools: raw
            .pools
            .into_iter()
            .map(|pool| Pool { name: pool.name.value, choice: pool.choice })
            .collect(),
        preparations,
        steps,
        finals,
    })
}

struct Assembly<'t, 'd> {
    names: Names,
    common: Vec<(HeaderName, String)>,
    table: &'t Table<'d>,
    step_names: Vec<String>,
    pools: Vec<String>,
    failed: bool,
}

impl Subjects {
    fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        // An invoice or appointment may come from the answer of this very step, so captures are known by then.
        [&self.slot, &self.hold, &self.appointment, &self.invoice, &self.payment, &self.order, &self.amount]
            .into_iter()
            .flatten()
            .chain(self.object.iter().map(|(_, id)| id))
    }
}

impl Assembly<'_, '_> {
    fn report(&mut self, place: &Place, mistake: Mistake) {
        self.table.report(place, mistake);
        self.failed = true;
    }

    fn check_names<T>(&mut self, pairs: &Pairs<T>) {
        for (name, _) in pairs {
            if !is_name(&name.value) {
                let accepted = "a lower case letter, then lower case letters, digits and `_`";
                let mistake = Mistake::new(format!("`{}` cannot be the name of a value", name.value));
                self.report(&name.place, mistake.accepted(accepted));
            } else if BUILT_IN.contains(&name.value.as_str()) {
                let mistake = Mistake::new(format!("`{}` is a value that the program gives", name.value));
                self.report(&name.place, mistake.accepted("another name"));
            }
        }
    }

    /// The steps in the order in which patients go through them: as written, but for those that say behind which other
    /// they come.
    fn in_order(&mut self, written: Vec<RawStep>) -> Vec<RawStep> {
        let names: Vec<At<String>> = written.iter().map(|step| step.name.clone()).collect();
        self.table.distinct(&names, "step");
        let names: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
        let mut steps: Vec<RawStep> = Vec::with_capacity(written.len());
        let mut moved: Vec<RawStep> = Vec::new();
        for step in written {
            match &step.after {
                None => steps.push(step),
                Some(after) if after.value == step.name.value => {
                    let mistake = Mistake::new(format!("`{}` cannot come behind itself", after.value));
                    self.report(&after.place, mistake.accepted("the name of another step"));
                    steps.push(step);
                }
                Some(after) if self.table.reference(after, "step", &names).is_some() => moved.push(step),
                // It stands where it is written, so that its other mistakes are told too.
                Some(_) => {
                    self.failed = true;
                    steps.push(step);
                }
            }
        }
        // The last of those that come behind one step is put there first, so that they keep their order. Some come behind
        // one that is itself still to be put in its place.
        while !moved.is_empty() {
            let count = moved.len();
            let mut waiting = Vec::new();
            while let Some(step) = moved.pop() {
                let after = step.after.as_ref().map(|after| &after.value);
                match steps.iter().position(|other| Some(&other.name.value) == after) {
                    Some(index) => steps.insert(index + 1, step),
                    None => waiting.push(step),
                }
            }
            moved = waiting.into_iter().rev().collect();
            if moved.len() == count {
                for after in moved.iter().filter_map(|step| step.after.as_ref()) {
                    let mistake = Mistake::new(format!("`{}` has no place of its own", after.value));
                    self.report(&after.place, mistake.accepted("a step that does not come behind this one"));
                }
                steps.append(&mut moved);
            }
        }
        steps
    }

    fn expect_known(&mut self, number: usize, known: &BTreeSet<usize>, place: &Place) {
        if known.contains(&number) {
            return;
        }
        let name = self.names.text(number).to_owned();
        let all: Vec<String> = known.iter().map(|&number| self.names.text(number).to_owned()).collect();
        let mistake = Mistake::new(format!("the value `{name}` is used before anything gives it"));
        let mistake = mistake.accepted(format!("one of {}", all.join(", ")));
        self.report(place, mistake.nearest(&name, all.iter().map(String::as_str)));
    }

    fn needs_known(&mut self, form: &RequestForm, known: &BTreeSet<usize>, place: &Place) {
        for number in form.needs().collect::<BTreeSet<_>>() {
            self.expect_known(number, known, place);
        }
    }

    fn pattern(&mut self, text: &str) -> Pattern {
        Pattern::parse(text, &mut self.names)
    }

    fn request(&mut self, raw: RawRequest) -> RequestForm {
        let own: Vec<(HeaderName, String)> = raw.headers.into_iter().filter_map(named).collect();
        let mut headers: Vec<(HeaderName, String)> = self
            .common
            .iter()
            .filter(|(name, _)| own.iter().all(|(other, _)| other != name))
            .filter(|(name, _)| raw.body.is_some() || *name != CONTENT_TYPE)
            .cloned()
            .collect();
        headers.extend(own);
        RequestForm {
            method: raw.method,
            path: self.pattern(&raw.path),
            headers: headers.into_iter().map(|(name, value)| (name, self.pattern(&value))).collect(),
            body: self.pattern(raw.body.as_deref().unwrap_or_default()),
        }
    }

    fn captures(&mut self, pairs: Pairs<Source>) -> Vec<Capture> {
        self.check_names(&pairs);
        pairs
            .into_iter()
            .map(|(name, from)| Capture { value: self.names.number(&name.value), from })
            .collect()
    }

    fn pool(&mut self, name: &At<String>) -> Option<usize> {
        let pools: Vec<&str> = self.pools.iter().map(String::as_str).collect();
        let found = self.table.reference(name, "pool", &pools);
        self.failed |= found.is_none();
        found
    }

    fn paging(&mut self, next: Option<RawNext>, follow: Option<Source>) -> Paging {
        let next = next.map(|next| Capture { value: self.names.number(&next.value), from: next.from });
        Paging { next, follow }
    }

    fn preparation(&mut self, raw: RawPreparation) -> Preparation {
        let paging = self.paging(raw.next, raw.follow);
        let pool = raw.pool.as_ref().and_then(|name| self.pool(name));
        let columns = self.captures(raw.columns);
        let rows = pool.map(|pool| Rows {
            pool,
            list: raw.list,
            paging,
            columns,
            capacity: raw.capacity,
            taken: raw.taken,
        });
        Preparation {
            name: raw.name.value,
            form: self.request(raw.request),
            repeat_count: raw.repeat_count,
            accept: raw.accept,
            captures: self.captures(raw.captures),
            rows,
        }
    }

    fn rule(&mut self, raw: RawRule) -> AnswerRule {
        let then = match raw.then {
            None if raw.meaning == Meaning::Ok => Then::Next,
            None => Then::Leave,
            Some(At { value: Then::Next, .. }) => Then::Next,
            Some(At { value: Then::Leave, .. }) => Then::Leave,
            Some(At { value: Then::Retry, .. }) => Then::Retry,
            Some(At { value: Then::Step(name), place }) => {
                let steps: Vec<&str> = self.step_names.iter().map(String::as_str).collect();
                match self.table.reference(&At { value: name, place }, "step", &steps) {
                    Some(step) => Then::Step(step),
                    None => {
                        self.failed = true;
                        Then::Leave
                    }
                }
            }
        };
        AnswerRule { status: raw.status, at: raw.at, is: raw.is, meaning: raw.meaning, then }
    }

    fn sights(&mut self, raw: Vec<RawSight>) -> Vec<Sight> {
        raw.into_iter()
            .filter_map(|sight| {
                let state = state_source(sight.state, sight.is)?;
                Some(Sight { kind: sight.kind, id: self.pattern(&sight.id), state })
            })
            .collect()
    }

    fn asking(&mut self, raw: RawAsking) -> Asking {
        Asking {
            form: self.request(raw.request),
            found: raw.found,
            captures: self.captures(raw.captures),
            action: raw.action,
            sights: self.sights(raw.sights),
        }
    }

    fn subjects(&mut self, raw: RawSubjects, hold_time_us: Option<u64>) -> Subjects {
        let mut pattern = |text: Option<String>| text.map(|text| self.pattern(&text));
        Subjects {
            slot: pattern(raw.slot),
            hold: pattern(raw.hold),
            appointment: pattern(raw.appointment),
            invoice: pattern(raw.invoice),
            payment: pattern(raw.payment),
            order: pattern(raw.order),
            amount: pattern(raw.amount),
            object: raw.object.map(|(kind, id)| (kind, self.pattern(&id))),
            wants: raw.wants,
            hold_time_us: raw.hold_time.map(|span| span.as_micros()).or(hold_time_us),
            place_count: raw.places,
        }
    }

    fn step(&mut self, raw: RawStep, hold_time_us: Option<u64>) -> Step {
        let form = self.request(raw.request);
        let key = self.names.number("key");
        let has_key = form.needs().any(|number| number == key);
        let replaces = matches!(form.method, Method::PUT | Method::DELETE);
        let is_conditional = form.headers.iter().any(|(name, _)| name == IF_MATCH);
        Step {
            name: raw.name.value,
            moment: raw.moment,
            only_if: raw.only_if,
            share: raw.share.part(),
            own_time_us: raw.own_time.as_micros(),
            dawdle: raw.dawdle.map(|dawdle| (dawdle.share.part(), dawdle.time.as_micros())),
            expected_us: raw.expected.as_micros(),
            pick: raw.pick.as_ref().and_then(|name| self.pool(name)),
            action: raw.action,
            also: raw.also,
            has_key,
            is_repeatable: has_key || replaces && !is_conditional,
            form,
            double_tap: raw.double_tap.part(),
            again: raw.again.part(),
            captures: self.captures(raw.captures),
            rules: raw.rules.into_iter().map(|rule| self.rule(rule)).collect(),
            subjects: self.subjects(raw.subjects, hold_time_us),
            sights: self.sights(raw.sights),
            asking: raw.asking.map(|asking| self.asking(asking)),
        }
    }

    fn final_read(&mut self, raw: RawFinal) -> FinalRead {
        let state = state_source(raw.state, raw.state_is);
        self.failed |= state.is_none();
        FinalRead {
            kind: raw.kind,
            form: self.request(raw.request),
            per: raw.per.as_ref().and_then(|name| self.pool(name)),
            list: raw.list,
            only: raw.only.map(|(at, is)| (at, self.pattern(&is))),
            paging: self.paging(raw.next, raw.follow),
            is_complete: raw.is_complete,
            id: raw.id,
            state: state.unwrap_or(StateSource::Is(State::Absent)),
            states: raw.states.iter().flat_map(|(code, words)| words_of(&code.value, words)).collect(),
            slot: raw.slot,
            patient: raw.patient.map(|(at, of)| (at, self.names.number(&of))),
            invoice: raw.invoice,
            key: raw.key,
            amount: raw.amount,
            refunded: raw.refunded,
        }
    }
}

fn state_source(at: Option<Source>, is: Option<State>) -> Option<StateSource> {
    at.map(StateSource::At).or(is.map(StateSource::Is))
}

fn words_of(code: &str, words: &str) -> Vec<(String, State)> {
    let state = State::from_code(code);
    words.split_whitespace().filter_map(|word| Some((word.to_owned(), state?))).collect()
}

/// A header with the name that HTTP knows it by.
fn named((name, value): (At<String>, String)) -> Option<(HeaderName, String)> {
    Some((HeaderName::from_bytes(name.value.as_bytes()).ok()?, value))
}
