//! Journeys compiled to a flat list of small operations, and the state of a customer on the way through it.

use super::spec::{Balking, Choice, NetworkError, NetworkSpec, NetworkStation, Places, Step};
use super::straighten::straighten;
use onetrip_sim::distribution::{AliasTable, Distribution, Sampler};
use onetrip_sim::model::StationId;
use onetrip_sim::stream::{Chances, EntityKey, Purpose};

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
    /// Where the terms of this site begin in [`Program::terms`]: those of the stations, or its own.
    pub(crate) first_terms: u32,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Op {
    /// Visit a site, then the next operation.
    Visit(u16),
    /// Pause, then the next operation.
    Pause(u16),
    /// The next operation, or a jump.
    Chance(u16),
    /// Jump by share.
    Choose(u16),
    /// Jump.
    Jump(u16),
    /// Begin a new round and jump.
    NextRound(u16),
    /// Out.
    Leave,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Chance {
    /// It happens when the bits drawn are below this.
    pub(crate) below: u64,
    pub(crate) purpose: Purpose,
    /// Where to go on when it does not.
    pub(crate) otherwise: u16,
}

impl Chance {
    #[inline(always)]
    pub(crate) fn happens(&self, chances: Chances) -> bool {
        chances.bits(self.purpose) < self.below
    }
}

/// Where the customers of a source begin: by the outcomes of chances that are all drawn on arrival. What is drawn is the
/// customer's own, so it does not matter when; a customer who begins on a straight line of visits never makes the
/// processor guess.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) chances: Box<[Chance]>,
    /// By outcomes, a bit each: the first chance is the highest.
    pub(crate) starts: Box<[u16]>,
}

impl Entry {
    #[inline(always)]
    pub(crate) fn start(&self, key: EntityKey) -> u16 {
        let luck = key.chances();
        let outcomes =
            self.chances.iter().fold(0, |outcomes, chance| 2 * outcomes + usize::from(chance.happens(luck)));
        self.starts[outcomes]
    }
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

/// What one class asks of one station, on a cache line of its own.
#[derive(Clone, Debug)]
#[repr(align(64))]
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
    pub(crate) chances: Vec<Chance>,
    /// Where each source's customers begin.
    pub(crate) entries: Vec<Entry>,
    /// The first operation of each source.
    pub(crate) starts: Vec<u16>,
    /// (station, class), and so again for each site with service times of its own.
    pub(crate) terms: Vec<Terms>,
    pub(crate) class_count: usize,
}

impl Program {
    /// What a class asks of a station at a site whose terms begin at `first_terms`.
    #[inline(always)]
    pub(crate) fn terms(&self, first_terms: u32, station: StationId, class: usize) -> &Terms {
        &self.terms[first_terms as usize + station.index() * self.class_count + class]
    }
}

/// 2⁶⁴ times a probability, saturating.
fn threshold(share: f64) -> u64 {
    (share * 2.0_f64.powi(64)) as u64
}

/// Compiles all journeys of a checked description.
pub(crate) fn compile(spec: &NetworkSpec) -> Result<Program, NetworkError> {
    let program = Program { class_count: spec.classes.len(), ..Program::default() };
    let mut compiler = Compiler { spec, program, names: Vec::new() };
    compiler.add_terms(None);
    for source in &spec.sources {
        let start = compiler.here()?;
        compiler.program.starts.push(start);
        compiler.names.clear();
        compiler.steps(&source.journey)?;
        compiler.program.ops.push(Op::Leave);
        let entry = straighten(&mut compiler.program, start);
        compiler.program.entries.push(entry);
    }
    compiler.here()?;
    Ok(compiler.program)
}

fn impatience(station: &NetworkStation, class: usize) -> Option<Box<Impatience>> {
    let patience = station.patience[class].as_ref().map(Distribution::sampler);
    let balking = station.balking[class].clone();
    (patience.is_some() || balking != Balking::Never).then(|| Box::new(Impatience { patience, balking }))
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

    /// Adds a block of terms, with service times by class instead of the stations' own; returns where it begins.
    fn add_terms(&mut self, service_time: Option<&[Distribution]>) -> u32 {
        let first = self.program.terms.len() as u32;
        for station in &self.spec.stations {
            for class in 0..self.program.class_count {
                self.program.terms.push(Terms {
                    service_time: service_time.unwrap_or(&station.service_time)[class].sampler(),
                    impatience: impatience(station, class),
                    rank: station.rank[class],
                    server_count: station.server_count[class],
                });
            }
        }
        first
    }

    fn add_chance(&mut self, share: f64, purpose: Purpose, otherwise: u16) -> Op {
        self.program.chances.push(Chance { below: threshold(share), purpose, otherwise });
        Op::Chance((self.program.chances.len() - 1) as u16)
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
                let otherwise_at = self.here()?;
                self.program.ops[fork] = self.add_chance(*share, purpose, otherwise_at);
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
                let again = self.add_chance(*again_share, purpose, otherwise);
                self.program.ops.push(again);
                self.program.ops.push(Op::NextRound(start));
            }
            Step::Follow { from } => self.follow(*from)?,
        }
        self.here().map(|_| ())
    }

    fn visit(&mut self, stem: &str, target: Target, service_time: Option<&[Distribution]>, remember: bool) {
        let first_terms = if service_time.is_some() { self.add_terms(service_time) } else { 0 };
        self.program.sites.push(Site {
            target,
            service_purpose: Purpose::named(&format!("{stem}.service_time")),
            choice_purpose: Purpose::named(&format!("{stem}.choice")),
            first_terms,
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
