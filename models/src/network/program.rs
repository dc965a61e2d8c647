//! Journeys compiled to a flat list of small operations, and the state of a customer on the way through it.

use super::spec::{Balking, Choice, NetworkError, NetworkSpec, Places, Step};
use onetrip_sim::distribution::{AliasTable, Distribution, Sampler};
use onetrip_sim::model::StationId;
use onetrip_sim::stream::{EntityKey, Purpose};

/// What the network keeps of a customer inside.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct NetworkState {
    pub(crate) key: EntityKey,
    pub(crate) number: u32,
    /// The operation to come.
    pub(crate) position: u16,
    /// The station last remembered.
    pub(crate) remembered: u16,
}

/// A place visited by a journey.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) target: Target,
    /// The stream of service times.
    pub(crate) service_purpose: Purpose,
    /// The stream of other draws here.
    pub(crate) choice_purpose: Purpose,
    /// By class, when the site has its own.
    pub(crate) service_time: Option<Box<[Sampler]>>,
    pub(crate) remember: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Target {
    Only(StationId),
    Shortest(Box<[StationId]>),
    LeastWork(Box<[StationId]>),
    ByShare(Box<[StationId]>, AliasTable),
    ByClass(Box<[StationId]>),
    Remembered,
}

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// Visit a site, then the next operation.
    Visit(u16),
    /// Pause, then the next operation.
    Pause(u16),
    /// The next operation when the bits drawn are below the threshold, else jump.
    Chance { below: u64, purpose: Purpose, otherwise: u16 },
    /// Jump by share.
    Choose(u16),
    /// Jump.
    Jump(u16),
    /// Begin a new round and jump.
    NextRound(u16),
    /// Out.
    Leave,
}

#[derive(Clone, Debug)]
pub(crate) struct Delay {
    pub(crate) time: Sampler,
    pub(crate) purpose: Purpose,
    pub(crate) kind: u8,
}

#[derive(Clone, Debug)]
pub(crate) struct Switch {
    pub(crate) table: AliasTable,
    pub(crate) targets: Box<[u16]>,
    pub(crate) purpose: Purpose,
}

/// What one class asks of one station.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) service_time: Sampler,
    /// `None` for those who always join and wait.
    pub(crate) impatience: Option<Box<Impatience>>,
    pub(crate) rank: u8,
    pub(crate) server_count: u16,
}

/// How one class gives up at one station.
#[derive(Clone, Debug)]
pub(crate) struct Impatience {
    pub(crate) patience: Option<Sampler>,
    pub(crate) balking: Balking,
}

/// All journeys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    pub(crate) ops: Vec<Op>,
    pub(crate) sites: Vec<Site>,
    pub(crate) delays: Vec<Delay>,
    pub(crate) switches: Vec<Switch>,
    /// Where each source's journey begins.
    pub(crate) starts: Vec<u16>,
}

/// 2⁶⁴ times a probability, saturating.
fn threshold(share: f64) -> u64 {
    (share * 2.0_f64.powi(64)) as u64
}

/// Compiles all journeys of a checked description.
pub(crate) fn compile(spec: &NetworkSpec) -> Result<Program, NetworkError> {
    let mut compiler = Compiler { spec, program: Program::default(), names: Vec::new() };
    for source in &spec.sources {
        let start = compiler.here()?;
        compiler.program.starts.push(start);
        compiler.names.clear();
        compiler.steps(&source.journey)?;
        compiler.program.ops.push(Op::Leave);
    }
    compiler.here()?;
    Ok(compiler.program)
}

struct Compiler<'a> {
    spec: &'a NetworkSpec,
    program: Program,
    /// Stream names used so far in this journey, to number repetitions.
    names: Vec<String>,
}

impl Compiler<'_> {
    fn here(&self) -> Result<u16, NetworkError> {
        let limit = usize::from(u16::MAX);
        u16::try_from(self.program.ops.len()).map_err(|_| NetworkError::TooLong { limit })
    }

    /// `name`, and `name.2`, `name.3` … for the second and later steps of that name in a journey.
    fn stem(&mut self, name: &str) -> String {
        let earlier = self.names.iter().filter(|&other| other == name).count();
        self.names.push(name.to_owned());
        if earlier == 0 { name.to_owned() } else { format!("{name}.{}", earlier + 1) }
    }

    fn steps(&mut self, steps: &[Step]) -> Result<(), NetworkError> {
        steps.iter().try_for_each(|step| self.step(step))
    }

    fn step(&mut self, step: &Step) -> Result<(), NetworkError> {
        match step {
            Step::Visit { places, service_time, remember } => {
                let stem = self.stem(&places.name);
                self.visit(&stem, self.target(places)?, service_time.as_deref(), *remember);
            }
            Step::Again { name, service_time } => {
                let stem = self.stem(name);
                self.visit(&stem, Target::Remembered, service_time.as_deref(), false);
            }
            Step::Pause { name, time, kind } => {
                let stem = self.stem(name);
                let purpose = Purpose::named(&format!("{stem}.time"));
                self.program.delays.push(Delay { time: time.sampler(), purpose, kind: *kind });
                self.program.ops.push(Op::Pause((self.program.delays.len() - 1) as u16));
            }
            Step::Chance { name, share, then, otherwise } => {
                let purpose = Purpose::named(&format!("{}.chance", self.stem(name)));
                let fork = self.program.ops.len();
                self.program.ops.push(Op::Leave);
                self.steps(then)?;
                let skip = self.program.ops.len();
                if !otherwise.is_empty() {
                    self.program.ops.push(Op::Leave);
                }
                self.program.ops[fork] =
                    Op::Chance { below: threshold(*share), purpose, otherwise: self.here()? };
                if !otherwise.is_empty() {
                    self.steps(otherwise)?;
                    self.program.ops[skip] = Op::Jump(self.here()?);
                }
            }
            Step::Choose { name, branches } => {
                let purpose = Purpose::named(&format!("{}.choice", self.stem(name)));
                let shares: Vec<f64> = branches.iter().map(|branch| branch.0).collect();
                self.program.ops.push(Op::Choose(self.program.switches.len() as u16));
                let switch = self.program.switches.len();
                let table = AliasTable::new(&shares);
                self.program.switches.push(Switch { table, targets: Box::new([]), purpose });
                let mut targets = Vec::new();
                let mut ends = Vec::new();
                for (_, steps) in branches {
                    targets.push(self.here()?);
                    self.steps(steps)?;
                    ends.push(self.program.ops.len());
                    self.program.ops.push(Op::Leave);
                }
                let after = self.here()?;
                ends.into_iter().for_each(|end| self.program.ops[end] = Op::Jump(after));
                self.program.switches[switch].targets = targets.into();
            }
            Step::Repeat { name, again_share, steps } => {
                let purpose = Purpose::named(&format!("{}.again", self.stem(name)));
                let start = self.here()?;
                self.steps(steps)?;
                let otherwise = self.here()?.saturating_add(2);
                self.program.ops.push(Op::Chance { below: threshold(*again_share), purpose, otherwise });
                self.program.ops.push(Op::NextRound(start));
            }
            Step::Follow { from } => self.follow(*from)?,
        }
        self.here().map(|_| ())
    }

    fn visit(&mut self, stem: &str, target: Target, service_time: Option<&[Distribution]>, remember: bool) {
        self.program.sites.push(Site {
            target,
            service_purpose: Purpose::named(&format!("{stem}.service_time")),
            choice_purpose: Purpose::named(&format!("{stem}.choice")),
            service_time: service_time.map(|laws| laws.iter().map(Distribution::sampler).collect()),
            remember,
        });
        self.program.ops.push(Op::Visit((self.program.sites.len() - 1) as u16));
    }

    fn target(&self, places: &Places) -> Result<Target, NetworkError> {
        let stations: Box<[StationId]> = places.stations.clone().into();
        Ok(match &places.choice {
            Choice::Only => Target::Only(stations[0]),
            Choice::ShortestQueue => Target::Shortest(stations),
            Choice::LeastWork => Target::LeastWork(stations),
            Choice::ByShare(shares) => Target::ByShare(stations, AliasTable::new(shares)),
            Choice::ByClass(positions) => {
                Target::ByClass(positions.iter().map(|&position| stations[position]).collect())
            }
        })
    }

    /// The route table from a station on: a block for each station, with a switch behind it.
    fn follow(&mut self, from: StationId) -> Result<(), NetworkError> {
        let Some(routes) = &self.spec.routes else {
            return Err(NetworkError::Rule {
                place: "journey".to_owned(),
                reason: "it follows the route table, but there is none",
            });
        };
        // Operations a station: visit, choose, and a jump a branch; the exit is one jump at the end.
        let entry = self.program.ops.len();
        self.program.ops.push(Op::Leave);
        let mut starts = Vec::new();
        let mut exits = Vec::new();
        for (place, row) in routes.rows.iter().enumerate() {
            let name = self.spec.stations[place].plan.name.clone();
            starts.push(self.here()?);
            self.visit(&name, Target::Only(StationId(place as u16)), None, false);
            let shares: Vec<f64> = row.iter().map(|&(share, _)| share).collect();
            let switch = self.program.switches.len();
            self.program.ops.push(Op::Choose(switch as u16));
            self.program.switches.push(Switch {
                table: AliasTable::new(&shares),
                targets: Box::new([]),
                purpose: Purpose::named(&format!("{name}.route")),
            });
            let mut targets = Vec::new();
            for &(_, next) in row {
                targets.push(self.here()?);
                exits.push((self.program.ops.len(), next));
                self.program.ops.push(Op::Leave);
            }
            self.program.switches[switch].targets = targets.into();
        }
        let after = self.here()?;
        for (op, next) in exits {
            self.program.ops[op] = match next {
                Some(station) => Op::NextRound(starts[station.index()]),
                None => Op::Jump(after),
            };
        }
        self.program.ops[entry] = Op::Jump(starts[from.index()]);
        Ok(())
    }
}
