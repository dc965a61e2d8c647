#!/bin/sh
# pretix, a ticket shop of the Python package index, on PostgreSQL and Redis: the dates of an event series are slots with
# one place each. It must sell none twice and settle every order once.
# Usage: tests/servers/pretix.sh PATH-OF-onetrip   (needs python3 and the package index, postgresql and redis-server;
# says what is missing and ends with 77. Takes about five minutes, most of it for the tables of pretix.)
set -eu
. "$(dirname "$0")/ground.sh"
port=${PORT:-$(free_port 8345)}
database_port=${DATABASE_PORT:-$(free_port 55432)}
redis_port=${REDIS_PORT:-$(free_port 56379)}
slots=6
command -v redis-server >/dev/null || skip "no Redis server: apt-get install redis-server"
if ! python3 -m venv "$folder/venv" || ! "$folder/venv/bin/pip" install --quiet pretix==2026.8.0 gunicorn; then
    skip "pretix cannot be installed here"
fi
cd "$folder"

serve_postgres "$database_port"
serve redis redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no
mkdir shop
cat >pretix.cfg <<CFG
[pretix]
url=http://127.0.0.1:$port
datadir=$folder/shop
currency=CNY
[database]
backend=postgresql
host=127.0.0.1
port=$database_port
user=load
name=postgres
[redis]
location=redis://127.0.0.1:$redis_port/0
CFG
export PRETIX_CONFIG_FILE="$folder/pretix.cfg"
venv/bin/python -m pretix migrate >migrate.log 2>&1 || { tail -20 migrate.log >&2; fail "pretix made no tables"; }
venv/bin/python -m pretix shell >seed.log 2>&1 <<PYTHON
import datetime
from decimal import Decimal
from django.utils.timezone import now
from django_scopes import scopes_disabled
from pretix.base.models import Organizer, Team
with scopes_disabled():
    organizer = Organizer.objects.create(name="hospital", slug="hosp")
    event = organizer.events.create(name="clinic", slug="clinic", currency="CNY", has_subevents=True, live=True,
        date_from=now() + datetime.timedelta(days=90), plugins="pretix.plugins.manualpayment")
    item = event.items.create(name="consultation", default_price=Decimal("25.00"))
    for number in range($slots):
        date = event.subevents.create(name=f"slot {number}", active=True, date_from=now() + datetime.timedelta(days=90 + number))
        quota = event.quotas.create(name="one place", size=1, subevent=date)
        quota.items.add(item)
    team = Team.objects.create(organizer=organizer, name="desk", all_events=True, all_event_permissions=True, all_organizer_permissions=True)
    print("seeded", item.pk, team.tokens.create(name="load").token)

PYTHON
set -- $(sed -n 's/^.*seeded //p' seed.log)
[ $# -eq 2 ] || { cat seed.log >&2; fail "pretix could not be filled"; }
item=$1
export PRETIX_TOKEN="$2"
serve pretix venv/bin/gunicorn pretix.wsgi -b "127.0.0.1:$port" -w 4 --timeout 120
await pretix "http://127.0.0.1:$port/api/v1/organizers/"
load pretix "http://127.0.0.1:$port/api/v1/organizers/hosp/events/clinic" --journey-set "values.item=\"$item\""
for property in slot-capacity final-capacity acknowledged-kept sums-match; do
    [ "$(violations pretix "$property")" -eq 0 ] || fail "$property is violated"
done
