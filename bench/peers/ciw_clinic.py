"""The reference models in Ciw 3: nodes, a router that follows the itinerary, and Ciw's own records of waits.

Nodes: 1 the entrance (no service), 2 windows, 3 kiosks, 4 to 8 examinations, 9 pharmacy, 10 payment in the room, then the
departments.
"""

import ciw

import clinic

FIRST_EXAM, PHARMACY, IN_ROOM, FIRST_DEPARTMENT = 4, 9, 10, 11


class Drawn(ciw.dists.Distribution):
    """A distribution whose values somebody else draws."""

    def __init__(self, draw):
        self.draw = draw

    def sample(self, t=None, ind=None):
        return self.draw()

    def __deepcopy__(self, memo):
        return self


def model_a(luck, customers):
    gaps = luck.exponential(1 / 9)
    left = iter(range(customers))
    between = Drawn(lambda: gaps() if next(left, None) is not None else float("inf"))
    network = ciw.create_network(arrival_distributions=[between], number_of_servers=[10],
                                 service_distributions=[Drawn(luck.exponential(1.0))])
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(customers, method="Finish")
    tally = clinic.Tally()
    for record in simulation.get_all_records():
        tally.record("wait", record.waiting_time)
    return 2 * customers, customers, {"wait": tally.mean("wait")}


def best_rank_first(waiting, now):
    return min(waiting, key=lambda individual: individual.rank)


class Itinerary(ciw.routing.NetworkRouting):
    """Sends the n-th arrival along the n-th itinerary of the day."""

    def __init__(self, day):
        self.coming = iter(day)

    def initialise(self, simulation):
        self.nodes = simulation.nodes

    def initialise_individual(self, individual):
        _, steps, individual.department, individual.rank = next(self.coming)
        individual.steps = iter(steps)

    def next_node(self, individual, node_id):
        step = next(individual.steps, None)
        if step is None:
            return self.nodes[-1]
        if step == "cashier":
            shortage = [self.nodes[place].number_of_individuals - clinic.SERVERS[name]
                        for place, name in ((2, "window"), (3, "kiosk"))]
            return self.nodes[2 if shortage[0] < shortage[1] else 3]
        if step == "department":
            return self.nodes[FIRST_DEPARTMENT + individual.department]
        places = {"in_room": IN_ROOM, "pharmacy": PHARMACY}
        return self.nodes[places[step] if step in places else FIRST_EXAM + step]


def model_b(luck):
    day = luck.patients()
    times = [at for at, *_ in day]
    gaps = [later - earlier for earlier, later in zip([0.0] + times, times)] + [float("inf")]
    infinite = float("inf")
    exams, departments = len(clinic.EXAM_SERVERS), clinic.DEPARTMENTS
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential(gaps)] + [None] * (4 + exams + departments),
        service_distributions=[ciw.dists.Deterministic(0.0), Drawn(luck.window), Drawn(luck.kiosk)]
        + [Drawn(exam) for exam in luck.exams]
        + [Drawn(luck.pharmacy), ciw.dists.Deterministic(clinic.IN_ROOM_MINUTES)]
        + [Drawn(luck.consultation)] * departments,
        number_of_servers=[infinite, clinic.SERVERS["window"], clinic.SERVERS["kiosk"]] + clinic.EXAM_SERVERS
        + [clinic.SERVERS["pharmacy"], infinite] + [clinic.SERVERS["department"]] * departments,
        service_disciplines=[ciw.disciplines.FIFO] * (5 + exams) + [best_rank_first] * departments,
        routing=Itinerary(day),
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(len(day), method="Finish")
    tally = clinic.Tally()
    served = 0
    for individual in simulation.get_all_individuals():
        records = individual.data_records
        tally.record("system", records[-1].exit_date - records[0].arrival_date)
        for record in records[1:]:
            served += 1
            row = "pharmacy" if record.node == PHARMACY else (record.node, individual.rank)
            if record.node != IN_ROOM:
                tally.record(row, record.waiting_time)
    return served + len(day), len(day), {"pharmacy": tally.mean("pharmacy"), "system": tally.mean("system")}


clinic.main("Ciw", model_a, model_b)
