//! What the checker says: every property with its exact meaning, its verdict, and the requests that show it.

use crate::reader::TornLine;
use schemars::JsonSchema;
use serde::Serialize;

/// Language of texts meant for people.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// English.
    English,
    /// Chinese.
    Chinese,
}

/// A property a correct booking and payment system has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Property {
    /// No slot is oversold at any instant.
    SlotCapacity,
    /// No slot is oversold at the end.
    FinalCapacity,
    /// A slot's final state agrees with its appointments.
    FinalSlotState,
    /// Acknowledged slot operations have an order that explains them.
    SlotOrder,
    /// Reads of slots and appointments fit into such an order.
    CurrentReads,
    /// Refusals of slot operations fit into such an order.
    JustRefusals,
    /// At most one settlement per invoice and key.
    SettledOnce,
    /// At most one request is told that it paid.
    OneSuccessReply,
    /// Payments add up to invoices.
    SumsMatch,
    /// Medicines are handed over after payment.
    PaidBeforeDispense,
    /// Objects move as their state machine allows.
    LegalMoves,
    /// What was acknowledged is there at the end.
    AcknowledgedKept,
    /// One key, one answer, one effect.
    SameKeySameAnswer,
}

impl Property {
    /// Every property, in the order of the report.
    pub const ALL: [Property; 13] = [
        Property::SlotCapacity,
        Property::FinalCapacity,
        Property::FinalSlotState,
        Property::SlotOrder,
        Property::CurrentReads,
        Property::JustRefusals,
        Property::SettledOnce,
        Property::OneSuccessReply,
        Property::SumsMatch,
        Property::PaidBeforeDispense,
        Property::LegalMoves,
        Property::AcknowledgedKept,
        Property::SameKeySameAnswer,
    ];

    /// The name by which thresholds and reports call it, such as `slot-capacity`.
    pub fn name(self) -> &'static str {
        match self {
            Property::SlotCapacity => "slot-capacity",
            Property::FinalCapacity => "final-capacity",
            Property::FinalSlotState => "final-slot-state",
            Property::SlotOrder => "slot-order",
            Property::CurrentReads => "current-reads",
            Property::JustRefusals => "just-refusals",
            Property::SettledOnce => "settled-once",
            Property::OneSuccessReply => "one-success-reply",
            Property::SumsMatch => "sums-match",
            Property::PaidBeforeDispense => "paid-before-dispense",
            Property::LegalMoves => "legal-moves",
            Property::AcknowledgedKept => "acknowledged-kept",
            Property::SameKeySameAnswer => "same-key-same-answer",
        }
    }

    /// Whether it is about what happened during the run alone, not about what was read at the end.
    pub(crate) fn is_about_the_run(self) -> bool {
        matches!(
            self,
            Property::SlotCapacity | Property::SlotOrder | Property::CurrentReads | Property::JustRefusals
        )
    }

    /// Exactly what the property asserts.
    pub fn meaning(self, language: Language) -> &'static str {
        let (english, chinese) = match self {
            Property::SlotCapacity => (
                "At no instant do more claims on a slot surely exist than it has places. A claim surely exists from \
                 the moment its acknowledgement was read until the first request that may end it was sent, a hold \
                 at most until it may lapse.",
                "任一时刻，一个号源上确定存在的占用都不超过其容量。占用自收到成功应答起、至第一个可能终止它的请求发出为止视为确定存在；\
                 锁号最迟算到可能到期之时。",
            ),
            Property::FinalCapacity => (
                "At the end, no slot has more booked, arrived, fulfilled or no-show appointments than places.",
                "运行结束时，任何号源上已预约、已到诊、已就诊及爽约的预约总数不超过其容量。",
            ),
            Property::FinalSlotState => (
                "At the end, a slot said to be free has a place left, and a slot said to be busy has all its places \
                 taken by live appointments (for one place: busy if and only if one appointment lives).",
                "运行结束时，标为空闲的号源确有余号；标为占用的号源，其名额确由有效预约占满（容量为一时：占用当且仅当恰有一个有效预约）。",
            ),
            Property::SlotOrder => (
                "For every slot the acknowledged holds, bookings, confirmations, releases and cancellations, with \
                 the lapses of holds, can be put in one order that respects real time and in which each was possible \
                 (linearizability); requests of unknown outcome may have happened at any time after sending, or not. \
                 A hold that has surely lapsed can no longer be confirmed, even if nobody took the slot since.",
                "对每个号源，所有得到成功应答的锁号、预约、确认、释放、取消以及锁号到期，可排成一个符合实际先后且每步都合法的次序（线性一致性）；\
                 结果未知的请求可在发出后任意时刻生效，也可从未生效。锁号一旦确已到期，即使号源未被他人占用，也不得再确认。",
            ),
            Property::CurrentReads => (
                "Such an order exists in which also every read of a slot or an appointment tells the state at its \
                 place in the order: no read is stale.",
                "上述次序中，每次查询号源或预约所得的状态与其所在位置一致：没有读到过时数据。",
            ),
            Property::JustRefusals => (
                "Such an order exists in which also every refusal was right: `taken` only when no place was left, \
                 `expired` only when the hold had lapsed.",
                "上述次序中，每次拒绝都有理由：仅在无余号时答“号已满”，仅在锁号到期后答“已过期”。",
            ),
            Property::SettledOnce => (
                "The ledger read at the end (without one, the acknowledgements) holds at most one settled payment \
                 for each invoice and key. It says nothing about how many requests were told so.",
                "运行结束时读取的账目（无账目时以成功应答为准）中，每张账单、每个幂等键至多有一笔已结算付款。不涉及有多少个请求收到成功应答。",
            ),
            Property::OneSuccessReply => (
                "Of different requests to make one payment (different keys, or none), at most one is told that it \
                 succeeded, and the successes told for one invoice add up to no more than its total. It says nothing \
                 about how often money moved.",
                "对同一笔付款的不同请求（幂等键不同或没有键），至多一个收到成功应答；同一账单的成功应答合计不超过其总额。不涉及实际扣款次数。",
            ),
            Property::SumsMatch => (
                "At the end the settled payments of a balanced invoice reach its total; less refunds, those of a \
                 cancelled one are nothing, of any other not more than its total. No payment gives back more than it took, nor \
                 other sums than the acknowledged and perhaps the unknown refunds asked for.",
                "运行结束时，已结清账单的结算付款达到总额；减去退款后，已取消账单为零，其余账单不超过总额。退款不超过付款，且与已应答的\
                 （或结果未知的）退款请求相符。",
            ),
            Property::PaidBeforeDispense => (
                "Medicines of an invoice are handed over only if a payment of it was acknowledged, or may have \
                 happened, before the hand-over was acknowledged.",
                "发药得到成功应答之前，对应账单已有成功（或结果未知）的付款请求。",
            ),
            Property::LegalMoves => (
                "Of two states of one object of which the first was surely told before the second existed, the \
                 second can be reached from the first by legal moves; an acknowledged change with no other change \
                 in between is one legal move. (Slots, whose states go round, are judged by `slot-order`.)",
                "同一对象先后确定出现的两个状态，后者可由前者经合法流转到达；其间无其他变更时，一次成功变更恰为一步合法流转。\
                 （号源状态循环往复，由 slot-order 判定。）",
            ),
            Property::AcknowledgedKept => (
                "Everything an acknowledged write made or changed is there at the end, in the acknowledged state or \
                 one that later requests (acknowledged or of unknown outcome) or the system's own legal moves lead to.",
                "每个得到成功应答的写入，其结果在结束时仍可读到：处于应答时的状态，或由其后（已应答或结果未知）的请求及系统自动的合法流转到达的状态。",
            ),
            Property::SameKeySameAnswer => (
                "All successful answers to one request under one key name the same object, none is followed by a \
                 refusal of the same request, and a patient has no more live appointments on a slot than requests \
                 with different keys asked for.",
                "同一幂等键下同一请求的所有成功应答指向同一对象，成功之后不再被拒绝；患者在一个号源上的有效预约数不超过不同幂等键的请求数。",
            ),
        };
        match language {
            Language::English => english,
            Language::Chinese => chinese,
        }
    }
}

/// Whether a property holds in a history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "verdict")]
pub enum Verdict {
    /// It holds for everything checked.
    Holds,
    /// It does not; the evidence shows where.
    Violated,
    /// The history does not tell.
    NotCheckable {
        /// Why, in English and Chinese.
        reason: [&'static str; 2],
    },
}

/// One place where a property is violated.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Evidence {
    /// The object, such as `slot s17`.
    pub object: String,
    /// What is wrong, in English and Chinese.
    pub what: [String; 2],
    /// The operations that show it, by id; their answers contradict the property by themselves.
    pub operations: Vec<u64>,
    /// Those of them that were not yet answered when the violation was complete: whatever they did, it stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open_operations: Vec<u64>,
}

/// A property with its verdict.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// Which property.
    pub property: Property,
    /// The verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// How many things it was checked on (slots, payments, objects, keys).
    pub checked_count: u64,
    /// How many could not be judged (not read at the end, or the search was given up).
    pub unjudged_count: u64,
    /// On how many of them it is violated.
    pub violation_count: u64,
    /// The first of the violations, in order of their objects.
    pub evidence: Vec<Evidence>,
}

/// The verdict on a history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// How many operations were judged.
    pub operation_count: u64,
    /// How many of them have an unknown outcome nothing resolved.
    pub unknown_count: u64,
    /// How many slots they were about.
    pub slot_count: u64,
    /// Whether the log ends in order.
    pub ended: bool,
    /// Number and size of a torn last line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub torn: Option<TornLine>,
    /// Every property, in the order of [`Property::ALL`].
    pub findings: Vec<Finding>,
}

impl Report {
    /// The finding on one property.
    pub fn finding(&self, property: Property) -> &Finding {
        &self.findings[property as usize]
    }

    /// The properties that are violated.
    pub fn violated(&self) -> impl Iterator<Item = Property> {
        self.findings
            .iter()
            .filter(|finding| finding.verdict == Verdict::Violated)
            .map(|finding| finding.property)
    }

    /// The report for people: a line for each property, what it asserts where it is violated, and the evidence.
    pub fn text(&self, language: Language) -> String {
        let pick = |english: &'static str, chinese: &'static str| match language {
            Language::English => english,
            Language::Chinese => chinese,
        };
        let chosen = language as usize;
        let mut text = String::new();
        let mut line = |line: String| {
            text.push_str(&line);
            text.push('\n');
        };
        line(format!(
            "{} {}, {} {}, {} {}",
            self.operation_count,
            pick("operations", "个操作"),
            self.unknown_count,
            pick("of unknown outcome", "个结果未知"),
            self.slot_count,
            pick("slots", "个号源"),
        ));
        if let Some(torn) = self.torn {
            line(match language {
                Language::English => {
                    format!("line {} is torn after {} bytes and left out", torn.line, torn.byte_count)
                }
                Language::Chinese => format!("第 {} 行在 {} 字节后中断，未计入", torn.line, torn.byte_count),
            });
        }
        for finding in &self.findings {
            let name = finding.property.name();
            let verdict = match &finding.verdict {
                Verdict::Holds => pick("holds", "成立").to_owned(),
                Verdict::Violated => format!("{} ×{}", pick("VIOLATED", "违反"), finding.violation_count),
                Verdict::NotCheckable { reason } => {
                    format!("{}: {}", pick("not checkable", "无法判定"), reason[chosen])
                }
            };
            let unjudged = match finding.unjudged_count {
                0 => String::new(),
                count => format!(", {count} {}", pick("not judged", "项未判定")),
            };
            let checked = pick("checked", "项已检查");
            line(format!("{name:<22} {verdict} ({} {checked}{unjudged})", finding.checked_count));
            if finding.verdict == Verdict::Violated {
                line(format!("    {}", finding.property.meaning(language)));
            }
            for evidence in &finding.evidence {
                let ids: Vec<String> = evidence.operations.iter().map(u64::to_string).collect();
                let (object, what) = (&evidence.object, &evidence.what[chosen]);
                line(format!("    {object}: {what} [{} {}]", pick("operations", "操作"), ids.join(", ")));
            }
        }
        text
    }

    /// How many violations there are over all properties.
    pub fn violation_count(&self) -> u64 {
        self.findings.iter().map(|finding| finding.violation_count).sum()
    }
}

/// Gathers one property's finding.
#[derive(Debug)]
pub(crate) struct Gathering {
    property: Property,
    evidence_limit: usize,
    checked_count: u64,
    unjudged_count: u64,
    violation_count: u64,
    evidence: Vec<Evidence>,
}

impl Gathering {
    pub(crate) fn new(property: Property, evidence_limit: usize) -> Gathering {
        Gathering {
            property,
            evidence_limit,
            checked_count: 0,
            unjudged_count: 0,
            violation_count: 0,
            evidence: Vec::new(),
        }
    }

    pub(crate) fn checked(&mut self) {
        self.checked_count += 1;
    }

    pub(crate) fn unjudged(&mut self) {
        self.unjudged_count += 1;
    }

    pub(crate) fn violated(&mut self, evidence: impl FnOnce() -> Evidence) {
        self.violation_count += 1;
        if self.evidence.len() < self.evidence_limit {
            self.evidence.push(evidence());
        }
    }

    /// A violation that is counted but not shown.
    pub(crate) fn count_violation(&mut self) {
        self.violation_count += 1;
    }

    /// The same with all violations taken back, because the history cannot prove them.
    pub(crate) fn withdrawn(self) -> Gathering {
        Gathering { violation_count: 0, evidence: Vec::new(), ..self }
    }

    /// Whether more evidence is wanted.
    pub(crate) fn wants_evidence(&self) -> bool {
        self.evidence.len() < self.evidence_limit
    }

    /// The finding; `obstacle` is why the property cannot be said to hold, `nothing` why nothing was checked.
    pub(crate) fn finish(self, obstacle: Option<[&'static str; 2]>, nothing: [&'static str; 2]) -> Finding {
        let verdict = match obstacle {
            _ if self.violation_count > 0 => Verdict::Violated,
            Some(reason) => Verdict::NotCheckable { reason },
            None if self.checked_count == 0 => Verdict::NotCheckable { reason: nothing },
            None => Verdict::Holds,
        };
        Finding {
            property: self.property,
            verdict,
            checked_count: self.checked_count,
            unjudged_count: self.unjudged_count,
            violation_count: self.violation_count,
            evidence: self.evidence,
        }
    }
}
