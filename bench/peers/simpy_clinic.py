"""The reference models in SimPy 4: a process a customer, a resource a station."""

import simpy

import clinic


def model_a(luck, customers):
    environment = simpy.Environment()
    server = simpy.Resource(environment, 10)
    between, service = luck.exponential(1 / 9), luck.exponential(1.0)
    tally = clinic.Tally()

    def customer():
        came = environment.now
        with server.request() as turn:
            yield turn
            tally.record("wait", environment.now - came)
            yield environment.timeout(service())

    def source():
        for _ in range(customers):
            yield environment.timeout(between())
            environment.process(customer())

    environment.process(source())
    environment.run()
    return 2 * customers, customers, {"wait": tally.mean("wait")}


def model_b(luck):
    environment = simpy.Environment()
    stations = {name: simpy.Resource(environment, clinic.SERVERS[name]) for name in ("window", "kiosk", "pharmacy")}
    exams = [simpy.Resource(environment, count) for count in clinic.EXAM_SERVERS]
    departments = [simpy.PriorityResource(environment, clinic.SERVERS["department"])
                   for _ in range(clinic.DEPARTMENTS)]
    tally = clinic.Tally()
    served = [0]

    def visit(resource, row, service, **how):
        joined = environment.now
        with resource.request(**how) as turn:
            yield turn
            tally.record(row, environment.now - joined)
            yield environment.timeout(service())
        served[0] += 1

    def shortage(name):
        return len(stations[name].queue) + stations[name].count - stations[name].capacity

    def patient(steps, department, rank):
        came = environment.now
        for step in steps:
            if step == "cashier":
                name = "window" if shortage("window") < shortage("kiosk") else "kiosk"
                yield from visit(stations[name], name, getattr(luck, name))
            elif step == "department":
                row = ("department", department, rank)
                yield from visit(departments[department], row, luck.consultation, priority=rank)
            elif step == "in_room":
                yield environment.timeout(clinic.IN_ROOM_MINUTES)
                served[0] += 1
            elif step == "pharmacy":
                yield from visit(stations[step], step, luck.pharmacy)
            else:
                yield from visit(exams[step], ("exam", step), luck.exams[step])
        tally.record("system", environment.now - came)

    day = luck.patients()

    def source():
        for at, *rest in day:
            yield environment.timeout(at - environment.now)
            environment.process(patient(*rest))

    environment.process(source())
    environment.run()
    return served[0] + len(day), len(day), {"pharmacy": tally.mean("pharmacy"), "system": tally.mean("system")}


clinic.main("SimPy", model_a, model_b)
