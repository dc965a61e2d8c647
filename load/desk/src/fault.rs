//! Known mistakes of real booking systems, to be switched on so that a checker can be seen to catch them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

/// One mistake the desk can be told to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Reads that the slot is free, waits `window`, then books without looking again.
    CheckThenAct {
        /// Time between looking and booking.
        window: Duration,
    },
    /// Ignores idempotency keys: a retry acts again.
    NoIdempotency,
    /// Answers success to every `every`-th write and keeps nothing of it.
    LostAcknowledgement {
        /// How rare it is.
        every: u64,
    },
    /// Stands still for the first `length` of every `period`, counted from the start.
    Stall {
        /// From one stall's begin to the next.
        period: Duration,
        /// How long it stands.
        length: Duration,
    },
    /// Every commit takes `time` longer.
    SlowDisk {
        /// Added to each commit.
        time: Duration,
    },
    /// An expired hold can still be confirmed or paid, even when its place was sold to another.
    LateExpiry,
    /// A paid invoice can be paid again.
    DoubleSettlement,
    /// Any state may follow any other.
    IllegalMove,
    /// A read may answer what was true up to `age` ago.
    StaleRead {
        /// How old an answer may be.
        age: Duration,
    },
}

/// What a person needs to know to switch a fault on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultGuide {
    /// The word for `--fault`.
    pub name: &'static str,
    /// What the desk then does wrong.
    pub description: &'static str,
    /// Parameters as `name=default`.
    pub parameters: &'static [&'static str],
}

/// Every fault there is.
pub const FAULTS: [FaultGuide; 9] = [
    FaultGuide {
        name: "check-then-act",
        description: "looks whether a slot is free, and books later without looking again: sells places twice",
        parameters: &["window=20ms"],
    },
    FaultGuide {
        name: "no-idempotency",
        description: "ignores Idempotency-Key and transaction ids: a retry acts again",
        parameters: &[],
    },
    FaultGuide {
        name: "lost-acknowledgement",
        description: "answers success to every n-th write and keeps nothing of it",
        parameters: &["every=20"],
    },
    FaultGuide {
        name: "stall",
        description: "stands still for the first `length` of every `period`",
        parameters: &["period=10s", "length=1s"],
    },
    FaultGuide {
        name: "slow-disk",
        description: "every commit takes longer by `time`",
        parameters: &["time=50ms"],
    },
    FaultGuide {
        name: "late-expiry",
        description: "an expired hold can still be confirmed or paid, even when its place was sold to another",
        parameters: &[],
    },
    FaultGuide {
        name: "double-settlement",
        description: "a paid invoice can be paid again",
        parameters: &[],
    },
    FaultGuide { name: "illegal-move", description: "any state may follow any other", parameters: &[] },
    FaultGuide {
        name: "stale-read",
        description: "a read may answer what was true up to `age` ago",
        parameters: &["age=500ms"],
    },
];

/// A fault that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FaultError {
    /// No fault has this name.
    #[error("unknown fault `{name}`; known are: {}", FAULTS.map(|guide| guide.name).join(", "))]
    UnknownName {
        /// What was read.
        name: String,
    },
    /// The fault has no such parameter.
    #[error("fault `{fault}` has no parameter `{name}`; it accepts: {accepted}")]
    UnknownParameter {
        /// The fault.
        fault: &'static str,
        /// What was read.
        name: String,
        /// Its parameters with their defaults.
        accepted: String,
    },
    /// The value makes no sense.
    #[error("`{name}={value}` of fault `{fault}` is not accepted; write it like `{example}`")]
    BadValue {
        /// The fault.
        fault: &'static str,
        /// The parameter.
        name: String,
        /// What was read.
        value: String,
        /// A value that works.
        example: &'static str,
    },
}

impl Fault {
    /// The word for `--fault`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CheckThenAct { .. } => "check-then-act",
            Self::NoIdempotency => "no-idempotency",
            Self::LostAcknowledgement { .. } => "lost-acknowledgement",
            Self::Stall { .. } => "stall",
            Self::SlowDisk { .. } => "slow-disk",
            Self::LateExpiry => "late-expiry",
            Self::DoubleSettlement => "double-settlement",
            Self::IllegalMove => "illegal-move",
            Self::StaleRead { .. } => "stale-read",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |span: &Duration| humantime::format_duration(*span).to_string().replace(' ', "");
        write!(f, "{}", self.name())?;
        match self {
            Self::CheckThenAct { window } => write!(f, ":window={}", time(window)),
            Self::LostAcknowledgement { every } => write!(f, ":every={every}"),
            Self::Stall { period, length } => {
                write!(f, ":period={},length={}", time(period), time(length))
            }
            Self::SlowDisk { time: span } => write!(f, ":time={}", time(span)),
            Self::StaleRead { age } => write!(f, ":age={}", time(age)),
            Self::NoIdempotency | Self::LateExpiry | Self::DoubleSettlement | Self::IllegalMove => Ok(()),
        }
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    /// Reads `name` or `name:parameter=value,…`, e.g. `stall:period=10s,length=1s`.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let (name, given) = text.split_once(':').unwrap_or((text, ""));
        let guide = FAULTS
            .iter()
            .find(|guide| guide.name == name)
            .ok_or_else(|| FaultError::UnknownName { name: name.to_owned() })?;
        let parameters = Parameters::read(guide, given)?;
        let fault = match guide.name {
            "check-then-act" => Self::CheckThenAct { window: parameters.time("window")? },
            "no-idempotency" => Self::NoIdempotency,
            "lost-acknowledgement" => Self::LostAcknowledgement { every: parameters.count("every")? },
            "stall" => {
                let (period, length) = (parameters.time("period")?, parameters.time("length")?);
                if length >= period {
                    return Err(parameters.bad("length"));
                }
                Self::Stall { period, length }
            }
            "slow-disk" => Self::SlowDisk { time: parameters.time("time")? },
            "late-expiry" => Self::LateExpiry,
            "double-settlement" => Self::DoubleSettlement,
            "illegal-move" => Self::IllegalMove,
            "stale-read" => Self::StaleRead { age: parameters.time("age")? },
            _ => return Err(FaultError::UnknownName { name: name.to_owned() }),
        };
        Ok(fault)
    }
}

struct Parameters<'a> {
    guide: &'static FaultGuide,
    given: Vec<(&'a str, &'a str)>,
}

impl<'a> Parameters<'a> {
    fn read(guide: &'static FaultGuide, given: &'a str) -> Result<Self, FaultError> {
        let given: Vec<(&str, &str)> = given
            .split(',')
            .filter(|part| !part.is_empty())
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .collect();
        let names: Vec<&str> = guide.parameters.iter().filter_map(|text| text.split('=').next()).collect();
        if let Some((name, _)) = given.iter().find(|(name, _)| !names.contains(name)) {
            let accepted = if names.is_empty() { "none".to_owned() } else { guide.parameters.join(", ") };
            return Err(FaultError::UnknownParameter {
                fault: guide.name,
                name: (*name).to_owned(),
                accepted,
            });
        }
        Ok(Self { guide, given })
    }

    fn example(&self, name: &str) -> &'static str {
        let entry = self.guide.parameters.iter().find(|text| text.split('=').next() == Some(name));
        entry.copied().unwrap_or("")
    }

    fn value(&self, name: &str) -> &str {
        let given = self.given.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| *value);
        given.unwrap_or_else(|| self.example(name).split_once('=').map_or("", |(_, value)| value))
    }

    fn bad(&self, name: &str) -> FaultError {
        FaultError::BadValue {
            fault: self.guide.name,
            name: name.to_owned(),
            value: self.value(name).to_owned(),
            example: self.example(name),
        }
    }

    fn time(&self, name: &str) -> Result<Duration, FaultError> {
        humantime::parse_duration(self.value(name)).map_err(|_| self.bad(name))
    }

    fn count(&self, name: &str) -> Result<u64, FaultError> {
        self.value(name).parse().ok().filter(|count| *count > 0).ok_or_else(|| self.bad(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_read_by_its_name_with_its_defaults_and_prints_itself_back() {
        for guide in FAULTS {
            let fault: Fault = guide.name.parse().unwrap();
            assert_eq!(fault.name(), guide.name);
            assert_eq!(fault.to_string().parse::<Fault>(), Ok(fault));
        }
    }

    #[test]
    fn parameters_are_read_and_mistakes_named() {
        let stall = Fault::Stall { period: Duration::from_secs(2), length: Duration::from_millis(300) };
        assert_eq!("stall:period=2s,length=300ms".parse(), Ok(stall));
        let error = |text: &str| text.parse::<Fault>().unwrap_err().to_string();
        assert!(error("stal").contains("known are: check-then-act"));
        assert!(error("stall:lenght=1s").contains("it accepts: period=10s, length=1s"));
        assert!(error("stall:length=20s").contains("`length=20s`"));
        assert!(error("lost-acknowledgement:every=0").contains("write it like `every=20`"));
        assert!(error("late-expiry:x=1").contains("accepts: none"));
    }
}
