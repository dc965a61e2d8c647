//! Open Jackson networks: traffic equations, and each node an M/M/c of its own.

use super::multi_server::Mmc;
use super::{TheoryError, at_least_one, not_negative, positive, share};

/// One station of a network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NetworkNode {
    /// Arrivals per unit of time from outside.
    pub external_rate: f64,
    /// Rate of one server.
    pub service_rate: f64,
    /// Servers.
    pub server_count: u32,
}

/// An open network of M/M/c nodes with Markovian routing (Jackson 1957): in steady state the nodes are independent.
#[derive(Debug, Clone, PartialEq)]
pub struct JacksonNetwork {
    external_rate: f64,
    nodes: Vec<NodeOutcome>,
}

/// A node in steady state, or one that nobody visits.
#[derive(Debug, Clone, PartialEq)]
struct NodeOutcome {
    arrival_rate: f64,
    station: Option<Mmc>,
}

impl JacksonNetwork {
    /// The network whose customers go from node i to node j with probability `routing[i][j]` and leave with what
    /// remains to 1. The traffic equations λ = γ + Pᵀλ are solved by elimination with pivoting.
    ///
    /// # Errors
    /// No node, a routing matrix of another shape, a share outside 0..=1, a row above 1, customers who can never
    /// leave, no arrivals at all, or a node with as much work as servers.
    pub fn new(nodes: &[NetworkNode], routing: &[Vec<f64>]) -> Result<Self, TheoryError> {
        let count = nodes.len();
        if count == 0 {
            return Err(wrong_length("nodes", 0, "at least 1".to_owned()));
        }
        if routing.len() != count {
            return Err(wrong_length("routing rows", routing.len(), format!("one per node, {count}")));
        }
        for row in routing {
            if row.len() != count {
                return Err(wrong_length("a routing row", row.len(), format!("one share per node, {count}")));
            }
            for &probability in row {
                share("routing share", probability)?;
            }
            let total: f64 = row.iter().sum();
            share("sum of a routing row", if (1.0..1.0 + 1e-12).contains(&total) { 1.0 } else { total })?;
        }
        for node in nodes {
            not_negative("external arrival rate", node.external_rate)?;
            positive("service rate", node.service_rate)?;
            at_least_one("server count", node.server_count)?;
        }
        let external_rate =
            positive("sum of external arrival rates", nodes.iter().map(|node| node.external_rate).sum())?;
        let nodes = nodes
            .iter()
            .zip(traffic(nodes, routing)?)
            .map(|(node, arrival_rate)| {
                let station = (arrival_rate > 0.0)
                    .then(|| Mmc::new(arrival_rate, node.service_rate, node.server_count))
                    .transpose()?;
                Ok(NodeOutcome { arrival_rate, station })
            })
            .collect::<Result<_, TheoryError>>()?;
        Ok(JacksonNetwork { external_rate, nodes })
    }

    /// All arrivals at a node, from outside and from other nodes, per unit of time.
    pub fn arrival_rates(&self) -> Vec<f64> {
        self.nodes.iter().map(|node| node.arrival_rate).collect()
    }

    /// The node as a station of its own; `None` when no customer ever comes there or no such node exists.
    pub fn station(&self, node_index: usize) -> Option<&Mmc> {
        self.nodes.get(node_index)?.station.as_ref()
    }

    /// The mean number present at each node.
    pub fn mean_occupancies(&self) -> Vec<f64> {
        self.nodes.iter().map(|node| node.station.as_ref().map_or(0.0, Mmc::mean_occupancy)).collect()
    }

    /// The mean number present in the network.
    pub fn mean_occupancy(&self) -> f64 {
        self.mean_occupancies().iter().sum()
    }

    /// The mean time from entering the network to leaving it (Little, over all who enter).
    pub fn mean_sojourn_time(&self) -> f64 {
        self.mean_occupancy() / self.external_rate
    }

    /// The mean wait over all nodes visited, from entering the network to leaving it.
    pub fn mean_wait_time(&self) -> f64 {
        let waiting: f64 =
            self.nodes.iter().filter_map(|node| node.station.as_ref()).map(Mmc::mean_queue_length).sum();
        waiting / self.external_rate
    }

    /// How often a customer visits each node, in the mean.
    pub fn visit_counts(&self) -> Vec<f64> {
        self.nodes.iter().map(|node| node.arrival_rate / self.external_rate).collect()
    }
}

fn wrong_length(name: &'static str, found: usize, accepted: String) -> TheoryError {
    TheoryError::WrongLength { name, found, accepted }
}

/// λ of (I − Pᵀ)λ = γ.
fn traffic(nodes: &[NetworkNode], routing: &[Vec<f64>]) -> Result<Vec<f64>, TheoryError> {
    let count = nodes.len();
    let mut rows: Vec<Vec<f64>> = (0..count)
        .map(|to| {
            let mut row: Vec<f64> =
                (0..count).map(|from| f64::from(u8::from(from == to)) - routing[from][to]).collect();
            row.push(nodes[to].external_rate);
            row
        })
        .collect();
    for column in 0..count {
        let pivot = (column..count)
            .max_by(|&left, &right| rows[left][column].abs().total_cmp(&rows[right][column].abs()))
            .unwrap_or(column);
        if rows[pivot][column].abs() < 1e-12 {
            return Err(TheoryError::OutOfRange {
                name: "share that leaves the network",
                value: 0.0,
                accepted: "a routing by which every customer leaves in the end",
            });
        }
        rows.swap(column, pivot);
        let (done, below) = rows.split_at_mut(column + 1);
        let pivot_row = &done[column];
        for row in below {
            let factor = row[column] / pivot_row[column];
            for (entry, above) in row[column..].iter_mut().zip(&pivot_row[column..]) {
                *entry -= factor * above;
            }
        }
    }
    let mut rates = vec![0.0; count];
    for index in (0..count).rev() {
        let known: f64 = (index + 1..count).map(|other| rows[index][other] * rates[other]).sum();
        rates[index] = ((rows[index][count] - known) / rows[index][index]).max(0.0);
    }
    Ok(rates)
}

#[cfg(test)]
mod tests {
    use super::super::close::{assert_close, assert_printed};
    use super::*;

    fn node(external_rate: f64, service_rate: f64, server_count: u32) -> NetworkNode {
        NetworkNode { external_rate, service_rate, server_count }
    }

    #[test]
    fn the_cafe_has_the_published_values() {
        let nodes = [node(0.3, 1.0, 1), node(0.2, 0.4, 2), node(0.0, 0.5, 2)];
        let routing = [vec![0.0, 0.3, 0.7], vec![0.0, 0.0, 1.0], vec![0.0; 3]];
        let cafe = JacksonNetwork::new(&nodes, &routing).unwrap();
        for (occupancy, printed) in cafe.mean_occupancies().iter().zip([".4285714", ".8346825", "1.333333"]) {
            assert_printed(*occupancy, printed);
        }
        assert_printed(cafe.mean_sojourn_time(), "5.193174518");
    }

    #[test]
    fn feedback_multiplies_the_visits() {
        // One in four comes back: 4/3 visits each.
        let loops = JacksonNetwork::new(&[node(0.6, 1.0, 1)], &[vec![0.25]]).unwrap();
        assert_close(loops.visit_counts()[0], 4.0 / 3.0, 1e-14);
        assert_close(loops.mean_occupancy(), 4.0, 1e-12);
        let lonely =
            JacksonNetwork::new(&[node(0.6, 1.0, 1), node(0.0, 1.0, 1)], &[vec![0.0; 2], vec![0.0; 2]]);
        assert!(lonely.unwrap().station(1).is_none());
    }

    #[test]
    fn networks_without_an_exit_or_with_too_much_work_are_refused() {
        let nodes = [node(0.3, 1.0, 1), node(0.0, 1.0, 1)];
        assert!(JacksonNetwork::new(&nodes, &[vec![0.0, 1.0], vec![1.0, 0.0]]).is_err());
        assert!(JacksonNetwork::new(&nodes, &[vec![0.0, 1.0]]).is_err());
        assert!(JacksonNetwork::new(&nodes, &[vec![0.0, 1.5], vec![0.0, 0.0]]).is_err());
        assert!(JacksonNetwork::new(&nodes, &[vec![0.7, 0.7], vec![0.0, 0.0]]).is_err());
        assert!(JacksonNetwork::new(&[], &[]).is_err());
        let busy = JacksonNetwork::new(&nodes, &[vec![0.75, 0.0], vec![0.0, 0.0]]);
        assert!(matches!(busy, Err(TheoryError::Unstable { .. })));
    }
}
