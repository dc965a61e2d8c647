//! Journeys laid straight: what a customer's chances decide is decided on arrival.
//!
//! A journey without rounds and switches is the same few visits for everyone whose chances come out alike. For each
//! combination of outcomes there is a straight line of operations; equal lines are kept once.

use super::program::{Chance, Entry, Op, Program};
use std::collections::BTreeMap;

/// Above this many chances, drawing all of them on arrival costs more than it saves.
const MOST_CHANCES: usize = 8;

/// Lays the operations from `start` on straight, where that is possible; returns where customers begin.
pub(super) fn straighten(program: &mut Program, start: u16) -> Entry {
    let first = usize::from(start);
    let crooked = Entry { chances: Box::new([]), starts: Box::new([start]) };
    let used: Vec<u16> = program.ops[first..]
        .iter()
        .filter_map(|op| if let Op::Chance(it) = op { Some(*it) } else { None })
        .collect();
    let is_forward = !program.ops[first..].iter().any(|op| matches!(op, Op::NextRound(_) | Op::Choose(_)));
    if !is_forward || used.len() > MOST_CHANCES {
        return crooked;
    }
    let mut lines = Vec::new();
    let mut line_starts = BTreeMap::new();
    let mut starts = Vec::new();
    for outcomes in 0..1_usize << used.len() {
        let line = follow(program, first, |chance| {
            used.iter().rev().position(|&other| other == chance).is_some_and(|bit| outcomes >> bit & 1 != 0)
        });
        let at = *line_starts.entry(line).or_insert_with_key(|line| {
            let at = first + lines.len();
            lines.extend_from_slice(line);
            at
        });
        let Ok(at) = u16::try_from(at) else { return crooked };
        starts.push(at);
    }
    if first + lines.len() > usize::from(u16::MAX) {
        return crooked;
    }
    program.ops.splice(first.., lines);
    let chances: Box<[Chance]> = used.iter().map(|&chance| program.chances[usize::from(chance)]).collect();
    Entry { chances, starts: starts.into() }
}

/// The visits and pauses from `first` on, to the end.
fn follow(program: &Program, first: usize, happens: impl Fn(u16) -> bool) -> Vec<Op> {
    let mut line = Vec::new();
    let mut position = first;
    loop {
        let op = program.ops[position];
        position += 1;
        match op {
            Op::Chance(chance) if happens(chance) => {}
            Op::Chance(chance) => position = usize::from(program.chances[usize::from(chance)].otherwise),
            Op::Jump(to) | Op::NextRound(to) => position = usize::from(to),
            Op::Visit(_) | Op::Pause(_) | Op::Choose(_) => line.push(op),
            Op::Leave => {
                line.push(op);
                return line;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use onetrip_sim::stream::{EntityKey, Purpose, RunKey};

    fn key(index: u64) -> EntityKey {
        RunKey::new(1, 0, 0).entity(Purpose::named("customers"), index)
    }

    fn chance(name: &str, otherwise: u16) -> Chance {
        Chance { below: u64::MAX / 2, purpose: Purpose::named(name), otherwise }
    }

    /// What a customer meets who decides at every chance in turn.
    fn walk(program: &Program, start: u16, key: EntityKey) -> Vec<Op> {
        follow(program, usize::from(start), |chance| {
            program.chances[usize::from(chance)].happens(key.chances())
        })
    }

    /// One visit to everyone; a second with a chance of 1/2, within it a third; and a last one or a pause.
    fn crooked() -> Program {
        let ops = vec![
            Op::Leave,
            Op::Visit(0),
            Op::Chance(0),
            Op::Visit(1),
            Op::Chance(1),
            Op::Visit(2),
            Op::Chance(2),
            Op::Visit(3),
            Op::Jump(10),
            Op::Pause(0),
            Op::Leave,
        ];
        let chances = vec![chance("second", 6), chance("third", 6), chance("last", 9)];
        Program { ops, chances, ..Program::default() }
    }

    #[test]
    fn a_straight_line_meets_what_the_crooked_journey_meets() {
        let before = crooked();
        let mut after = before.clone();
        let entry = straighten(&mut after, 1);
        assert_eq!(after.ops[0], Op::Leave, "the journey before this one stays");
        assert!(!after.ops[1..].iter().any(|op| matches!(op, Op::Chance(_) | Op::Jump(_))));
        let mut seen = std::collections::BTreeSet::new();
        for index in 0..200 {
            let line = walk(&after, entry.start(key(index)), key(index));
            assert_eq!(line, walk(&before, 1, key(index)));
            seen.insert(line);
        }
        assert_eq!(seen.len(), 6, "all different journeys occur");
        let kept = after.ops[1..].iter().filter(|&&op| op == Op::Leave).count();
        assert_eq!(kept, 6, "equal lines are kept once");
    }

    #[test]
    fn a_journey_with_rounds_stays_as_it_is() {
        let mut program = crooked();
        program.ops[8] = Op::NextRound(1);
        let before = program.ops.clone();
        let entry = straighten(&mut program, 1);
        assert_eq!(program.ops, before);
        assert_eq!(entry.start(key(0)), 1);
    }
}
