//! What a journey is made of, read and checked: requests, steps, what answers mean, and what is read at the end.

use super::pattern::{Argument, MissingValue, Pattern};
use super::source::{Answered, Source};
use super::values::Values;
use http::Method;
use http::header::HeaderName;
use onetrip_history::{Action, Capture as TemplateCapture, ObjectKind, Refusal, State, Template};
use std::borrow::Cow;

/// A set of HTTP statuses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusSet {
    ranges: Vec<(u16, u16)>,
}

impl StatusSet {
    pub(super) fn parse(text: &str) -> Option<StatusSet> {
        let ranges: Option<Vec<(u16, u16)>> = text
            .split_whitespace()
            .map(|word| {
                if let Some(class) = word.strip_suffix("xx") {
                    let class: u16 = class.parse().ok().filter(|class| (1..=5).contains(class))?;
                    return Some((100 * class, 100 * class + 99));
                }
                let status = word.parse().ok().filter(|status| (100..=599).contains(status))?;
                Some((status, status))
            })
            .collect();
        ranges.filter(|ranges| !ranges.is_empty()).map(|ranges| StatusSet { ranges })
    }

    pub(crate) fn has(&self, status: u16) -> bool {
        self.ranges.iter().any(|&(first, last)| (first..=last).contains(&status))
    }
}

/// What an answer means for the patient.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// Done and acknowledged.
    Ok,
    /// Not done.
    Refused(Refusal),
    /// Done or not; the answer does not say.
    Unknown,
}

/// Where a patient goes after an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Then<S = usize> {
    /// To the next step.
    Next,
    /// Home.
    Leave,
    /// The same request once more, after the pause of the retry rules.
    Retry,
    /// To this step.
    Step(S),
}

/// One rule for answers: the first that fits decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AnswerRule {
    pub(crate) status: StatusSet,
    pub(crate) at: Option<Source>,
    pub(crate) is: Vec<String>,
    pub(crate) meaning: Meaning,
    pub(crate) then: Then,
}

impl AnswerRule {
    fn fits(&self, answer: &Answered<'_>) -> bool {
        if !self.status.has(answer.incoming.status()) {
            return false;
        }
        match &self.at {
            None => true,
            Some(at) => at.read(answer).is_some_and(|read| self.is.is_empty() || self.is.contains(&read)),
        }
    }
}

/// What an answer means where no rule of the journey fits.
fn customary(status: u16) -> (Meaning, Then) {
    let refused = |refusal| (Meaning::Refused(refusal), Then::Leave);
    match status {
        200..=299 => (Meaning::Ok, Then::Next),
        404 | 410 => refused(Refusal::NotFound),
        412 => refused(Refusal::Stale),
        429 | 503 => (Meaning::Refused(Refusal::Overloaded), Then::Retry),
        400 | 401 | 403 | 422 => refused(Refusal::Invalid),
        500 | 502 | 504 => (Meaning::Unknown, Then::Retry),
        _ => refused(Refusal::Other),
    }
}

/// The meaning of an answer under some rules.
pub(crate) fn meaning_of(rules: &[AnswerRule], answer: &Answered<'_>) -> (Meaning, Then) {
    match rules.iter().find(|rule| rule.fits(answer)) {
        Some(rule) => (rule.meaning, rule.then),
        None => customary(answer.incoming.status()),
    }
}

/// A request of the journey, with places for values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestForm {
    pub(crate) method: Method,
    pub(crate) path: Pattern,
    pub(crate) headers: Vec<(HeaderName, Pattern)>,
    pub(crate) body: Pattern,
}

/// A request ready to be sent. What stands in its form or among a patient's values is borrowed from there.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WireRequest<'a> {
    /// HTTP method.
    pub method: Method,
    /// Path with query.
    pub path: Cow<'a, str>,
    /// Headers.
    pub headers: Vec<(Cow<'a, HeaderName>, Cow<'a, str>)>,
    /// Body, perhaps empty.
    pub body: Cow<'a, str>,
}

impl RequestForm {
    pub(crate) fn fill<'a>(&'a self, values: &'a Values) -> Result<WireRequest<'a>, MissingValue> {
        let mut headers = Vec::with_capacity(self.headers.len());
        for (name, value) in &self.headers {
            headers.push((Cow::Borrowed(name), value.text(values)?));
        }
        let (path, body) = (self.path.text(values)?, self.body.text(values)?);
        Ok(WireRequest { method: self.method.clone(), path, headers, body })
    }

    /// The form as a template of the history, and what fills its places.
    pub(crate) fn template(&self, captures: &[Capture], values: &Values) -> (Template, Vec<Argument>) {
        let mut arguments = Vec::new();
        let template = Template {
            index: 0,
            method: self.method.to_string(),
            path: self.path.numbered(&mut arguments),
            headers: self
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), value.numbered(&mut arguments)))
                .collect(),
            body: self.body.numbered(&mut arguments),
            captures: captures
                .iter()
                .map(|capture| TemplateCapture {
                    name: values.name(capture.value).to_owned(),
                    from: capture.from.notation(),
                })
                .collect(),
        };
        (template, arguments)
    }

    pub(super) fn needs(&self) -> impl Iterator<Item = usize> {
        let headers = self.headers.iter().flat_map(|(_, value)| value.needs());
        self.path.needs().chain(headers).chain(self.body.needs())
    }
}

/// A value to be taken from an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Capture {
    pub(crate) value: usize,
    pub(crate) from: Source,
}

/// A state that an answer tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sight {
    pub(crate) kind: ObjectKind,
    pub(crate) id: Pattern,
    pub(crate) state: StateSource,
}

/// Where the state of an object is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StateSource {
    /// In the answer.
    At(Source),
    /// The answer implies it.
    Is(State),
}

/// The objects that a request is about, for the history; patterns that lack a value are left out of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Subjects {
    pub(crate) slot: Option<Pattern>,
    pub(crate) hold: Option<Pattern>,
    pub(crate) appointment: Option<Pattern>,
    pub(crate) invoice: Option<Pattern>,
    pub(crate) payment: Option<Pattern>,
    pub(crate) order: Option<Pattern>,
    pub(crate) object: Option<(ObjectKind, Pattern)>,
    pub(crate) amount: Option<Pattern>,
    pub(crate) wants: Option<State>,
    pub(crate) hold_time_us: Option<u64>,
    pub(crate) place_count: Option<Source>,
}

/// How the outcome of a request that has no idempotency key is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asking {
    pub(crate) form: RequestForm,
    /// A value stands here exactly if the request took effect.
    pub(crate) found: Source,
    pub(crate) captures: Vec<Capture>,
    pub(crate) action: Action,
    pub(crate) sights: Vec<Sight>,
}

/// One step of a journey.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// Happening of the simulated visit that it goes with.
    pub moment: Option<Moment>,
    /// Only patients whose visit has this happening do it.
    pub only_if: Option<Moment>,
    /// Share of patients who do it.
    pub share: f64,
    /// The patient's own time before it, in µs.
    pub own_time_us: u64,
    /// Share of patients who take longer, and how long.
    pub dawdle: Option<(f64, u64)>,
    /// The response it is planned with, in µs.
    pub expected_us: u64,
    /// Pool of which the patient takes a row.
    pub pick: Option<usize>,
    /// What the request means.
    pub action: Action,
    pub(crate) also: Option<Action>,
    pub(crate) form: RequestForm,
    pub(crate) has_key: bool,
    /// Sent twice it does what it does once: it carries a key, or replaces something whatever was there.
    pub(crate) is_repeatable: bool,
    pub(crate) double_tap: f64,
    pub(crate) again: f64,
    pub(crate) captures: Vec<Capture>,
    pub(crate) rules: Vec<AnswerRule>,
    pub(crate) subjects: Subjects,
    pub(crate) sights: Vec<Sight>,
    pub(crate) asking: Option<Asking>,
}

/// A happening of a simulated visit, at which a step of a journey may stand.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Moment {
    /// Comes in.
    Arrive,
    /// Registration begins.
    Register,
    /// Reports to the department.
    CheckIn,
    /// Is called in by the doctor.
    Consult,
    /// The first consultation is over: orders are written.
    Order,
    /// Payment begins.
    Pay,
    /// The first examination begins.
    Examine,
    /// Medicines are handed over.
    Dispense,
    /// Goes home.
    Leave,
}

impl Moment {
    /// All, in the usual order of a visit.
    pub const ALL: [Moment; 9] = [
        Moment::Arrive,
        Moment::Register,
        Moment::CheckIn,
        Moment::Consult,
        Moment::Order,
        Moment::Pay,
        Moment::Examine,
        Moment::Dispense,
        Moment::Leave,
    ];

    /// The word of journey files, such as `check-in`.
    pub fn word(self) -> &'static str {
        match self {
            Moment::Arrive => "arrive",
            Moment::Register => "register",
            Moment::CheckIn => "check-in",
            Moment::Consult => "consult",
            Moment::Order => "order",
            Moment::Pay => "pay",
            Moment::Examine => "examine",
            Moment::Dispense => "dispense",
            Moment::Leave => "leave",
        }
    }

    /// The one with this word.
    pub fn from_word(word: &str) -> Option<Moment> {
        Moment::ALL.into_iter().find(|moment| moment.word() == word)
    }
}

/// Rows that patients choose from, such as slots.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// How patients choose.
    pub choice: PoolChoice,
}

/// How a row of a pool is chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PoolChoice {
    /// All alike.
    Uniform,
    /// Early rows are popular: the first quarter of them gets half of the patients.
    Popular,
}

/// A request made before the run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Preparation {
    pub(crate) name: String,
    pub(crate) form: RequestForm,
    pub(crate) repeat_count: u32,
    pub(crate) accept: StatusSet,
    pub(crate) captures: Vec<Capture>,
    pub(crate) rows: Option<Rows>,
}

/// How the pages of a list follow each other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Paging {
    /// Where the answer tells how to go on, with the value that takes it.
    pub(crate) next: Option<Capture>,
    /// Where the answer has the address of the next page.
    pub(crate) follow: Option<Source>,
}

/// Rows that a preparation adds to a pool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rows {
    pub(crate) pool: usize,
    /// List in the answer, each element a row; without it the whole answer is one.
    pub(crate) list: Option<String>,
    pub(crate) paging: Paging,
    pub(crate) columns: Vec<Capture>,
    pub(crate) capacity: Option<Source>,
    pub(crate) taken: Option<Source>,
}

/// A list of objects read after the run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FinalRead {
    pub(crate) kind: ObjectKind,
    pub(crate) form: RequestForm,
    /// Pool for each of whose rows the request is made; without it once.
    pub(crate) per: Option<usize>,
    pub(crate) list: Option<String>,
    /// Only elements in which this place holds this text.
    pub(crate) only: Option<(Source, Pattern)>,
    pub(crate) paging: Paging,
    pub(crate) is_complete: bool,
    pub(crate) id: Source,
    pub(crate) state: StateSource,
    pub(crate) states: Vec<(String, State)>,
    pub(crate) slot: Option<Source>,
    /// Where the patient stands, and the value by which patients know themselves.
    pub(crate) patient: Option<(Source, usize)>,
    pub(crate) invoice: Option<Source>,
    pub(crate) key: Option<Source>,
    pub(crate) amount: Option<Source>,
    pub(crate) refunded: Option<Source>,
}
