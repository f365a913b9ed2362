"""Redshift statements written for measuring, and texts made from them.

Slots: `{n}` a number, `{m}` an amount, `{w}` a word, `{d}` a date, `{ns}` and `{ws}` lists of
them, `{rows}` rows of VALUES. Tables end in `~`, so that a text can be given tables of its own.
"""

import random
import re
from collections.abc import Iterator

STATEMENTS = """
select order_id, customer_id, total_amount from sales.orders~ where order_date >= '{d}' and order_date < '{d}' and status = '{w}' order by order_date desc limit {n}
;;
SELECT c.customer_id, c.region, SUM(o.total_amount) AS revenue
FROM sales.customers~ c
JOIN sales.orders~ o ON o.customer_id = c.customer_id
WHERE o.order_date BETWEEN DATE '{d}' AND DATE '{d}' AND c.region IN ({ws})
GROUP BY c.customer_id, c.region
HAVING SUM(o.total_amount) > {m}
ORDER BY revenue DESC
;;
select date_trunc('month', s.sold_at) as month, p.category, count(*) as lines, sum(s.quantity * s.unit_price) as gross
from mart.sales_lines~ s inner join mart.products~ p on p.product_key = s.product_key
where s.sold_at >= dateadd(day, -{n}, getdate()) and p.category not in ({ws})
group by 1, 2 order by 1, 2
;;
/* dashboard: returns, user {w} */
select w.name, approximate count(distinct r.customer_id) as customers, avg(r.refund_amount)::numeric(12,2) as mean_refund
from ops.returns~ r left outer join ops.warehouses~ w using (warehouse_id)
where r.returned_on > current_date - {n} and r.reason ilike '%{w}%'
group by w.name
;;
with recent as (
    select user_id, event_name, event_time, row_number() over (partition by user_id order by event_time desc) as position
    from web.events~ where event_date >= '{d}' and platform = '{w}'
), buyers as (
    select distinct user_id from sales.orders~ where total_amount > {m}
)
select r.user_id, r.event_name, r.event_time from recent r join buyers b on b.user_id = r.user_id where r.position = 1
;;
select user_id, session_id, event_time from web.events~ where event_date = '{d}'
qualify row_number() over (partition by session_id order by event_time) <= {n}
;;
unload ('select order_id, customer_id, total_amount from sales.orders~ where order_date = ''{d}'' and store_id in ({ns})')
to 's3://exports/{w}/{d}/' iam_role 'arn:aws:iam::{n}:role/{w}' format as parquet allowoverwrite parallel on
;;
unload ($$select * from mart.daily_revenue~ where day between '{d}' and '{d}'$$) to 's3://exports/{w}/' iam_role default gzip delimiter '|' header
;;
copy staging.orders_raw~ from 's3://landing/{w}/{d}/' iam_role 'arn:aws:iam::{n}:role/{w}' format as json 'auto' timeformat 'auto' truncatecolumns maxerror {n}
;;
COPY staging.clicks~ (click_id, user_id, url, clicked_at) FROM 's3://landing/clicks/{d}/manifest' CREDENTIALS 'aws_iam_role=arn:aws:iam::{n}:role/{w}' MANIFEST CSV GZIP IGNOREHEADER {n} REGION '{w}'
;;
create table mart.daily_revenue~ diststyle key distkey(store_id) compound sortkey(day, store_id) as
select trunc(o.order_date) as day, o.store_id, sum(o.total_amount) as revenue, count(distinct o.customer_id) as customers
from sales.orders~ o where o.order_date >= '{d}' group by 1, 2
;;
create temp table big_spenders~ as select customer_id, sum(total_amount) total from sales.orders~ where order_date > '{d}' group by customer_id having sum(total_amount) > {m}
;;
insert into mart.customer_scores~ (customer_id, score, scored_at)
select c.customer_id, case when sum(o.total_amount) > {m} then {n} when count(*) > {n} then {n} else {n} end, getdate()
from sales.customers~ c left join sales.orders~ o on o.customer_id = c.customer_id and o.order_date > '{d}' group by c.customer_id
;;
insert into ops.audit~ (id, what, who, at) values {rows}
;;
update sales.orders~ set status = '{w}', updated_at = sysdate from staging.status_feed~ f where f.order_id = orders~.order_id and f.loaded_on = '{d}'
;;
delete from staging.orders_raw~ using sales.orders~ where orders_raw~.order_id = orders~.order_id and orders_raw~.loaded_on < '{d}'
;;
merge into mart.customers_dim~ using staging.customers~ s on customers_dim~.customer_id = s.customer_id
when matched then update set email_domain = s.email_domain, valid_from = '{d}'
when not matched then insert (customer_id, email_domain, valid_from) values (s.customer_id, s.email_domain, '{d}')
;;
select c.c_custkey, o.o_orderkey, l.l_quantity from nested.customers_orders~ c, c.c_orders o, o.lineitems l where c.c_mktsegment = '{w}' and l.l_quantity > {n}
;;
select e.payload.device.os::varchar(20) as os, count(*) from web.raw_events~ e where e.payload.kind = '{w}' and e.received_at > '{d}' group by 1
;;
select json_extract_path_text(attributes, 'utm', 'source') as source, count(*) from web.events~ where event_date between '{d}' and '{d}' and json_extract_path_text(attributes, 'campaign') = '{w}' group by 1 order by 2 desc limit {n}
;;
select store_id, day, revenue, sum(revenue) over (partition by store_id order by day rows between {n} preceding and current row) as rolling
from mart.daily_revenue~ where day >= '{d}'
;;
select listagg(distinct sku, ',') within group (order by sku) as skus, order_id from sales.order_lines~ where order_id in ({ns}) group by order_id
;;
select median(delivery_minutes) over (partition by city) as typical, city, courier_id from ops.deliveries~ where delivered_at::date = '{d}'
;;
select percentile_cont(0.95) within group (order by response_ms) as p95, endpoint from ops.requests~ where day = '{d}' and status_code >= {n} group by endpoint
;;
select a.campaign_id, a.spend, b.installs, round(a.spend / nullif(b.installs, {n}), {n}) as cpi
from (select campaign_id, sum(cost) as spend from ads.costs~ where day between '{d}' and '{d}' group by campaign_id) a
full outer join (select campaign_id, count(*) as installs from ads.installs~ where installed_at >= '{d}' group by campaign_id) b on a.campaign_id = b.campaign_id
;;
select supplier_id from supply.suppliers~ where country = '{w}' minus select supplier_id from supply.blocked~ where blocked_on > '{d}'
;;
select sku, 'in' as direction, quantity from supply.receipts~ where received_on = '{d}'
union all
select sku, 'out', -quantity from supply.shipments~ where shipped_on = '{d}'
order by sku limit {n}
;;
select o.order_id from sales.orders~ o where exists (select 1 from ops.returns~ r where r.order_id = o.order_id and r.returned_on > '{d}') and o.total_amount > {m}
;;
select o.order_id, (select max(p.paid_at) from finance.payments~ p where p.order_id = o.order_id) as paid_at from sales.orders~ o where o.order_date = '{d}' and o.channel = '{w}'
;;
select top {n} sku, sum(quantity) as units from sales.order_lines~ where ordered_on >= '{d}' group by sku order by units desc
;;
select nvl(region, '{w}') as region, decode(tier, 1, '{w}', 2, '{w}', '{w}') as tier_name, count(*) from sales.customers~ where created_at < '{d}' group by 1, 2
;;
select * from finance.invoices~ where invoice_no like '{w}%' and due_on < current_date and amount_open <> 0 and (reminder_level is null or reminder_level < {n})
;;
select i.invoice_no, i.amount_open, c.name from finance.invoices~ i, finance.customers~ c where i.customer_id = c.customer_id and i.booked_on between '{d}' and '{d}' and c.risk_class in ({ws}) and i.amount_open > {m}
;;
select datediff(day, first_order, last_order) as span, count(*) from (
    select customer_id, min(order_date) first_order, max(order_date) last_order from sales.orders~ where store_id = {n} group by customer_id
) where first_order >= '{d}' group by 1 order by 1
;;
select extract(hour from t.started_at) as hour, avg(datediff(second, t.started_at, t.ended_at)) as seconds from ride.trips~ t where t.city_id = {n} and t.started_at between timestamp '{d} 00:00:00' and timestamp '{d} 23:59:59' group by 1
;;
select trip_id, lag(ended_at, 1) over (partition by driver_id order by started_at) as previous_end from ride.trips~ where driver_id in ({ns}) and started_at > '{d}'
;;
select count(*), count(distinct driver_id), sum(case when rating <= {n} then 1 else 0 end) from ride.trips~ where started_at >= '{d}'
;;
select st.name, d.full_date, f.units_on_hand from inv.stock_facts~ f join inv.stores~ st on st.store_key = f.store_key join inv.dates~ d on d.date_key = f.date_key
where d.full_date = '{d}' and st.format = '{w}' and f.units_on_hand < {n}
;;
select f.sku, f.units_on_hand, n.units_on_hand as next_units from inv.stock_facts~ f left join inv.stock_facts~ n on n.sku = f.sku and n.date_key = f.date_key + {n} where f.date_key = {n}
;;
-- nightly check {n}
select table_name, column_name, null_share from dq.column_profiles~ where run_id = {n} and null_share > {m} and table_name similar to '({w}|{w})%'
;;
with recursive parts (part_id, parent_id, depth) as (
    select part_id, parent_id, 1 from bom.components~ where parent_id = {n}
    union all
    select c.part_id, c.parent_id, p.depth + 1 from bom.components~ c join parts p on p.part_id = c.parent_id where p.depth < {n}
)
select part_id, max(depth) from parts group by part_id
;;
select rollup_level, region, city, sum(amount) from (select grouping(region) as rollup_level, region, city, amount from mart.city_sales~ where day = '{d}' group by region, city, amount) s group by 1, 2, 3
;;
select region, city, sum(amount) as amount from mart.city_sales~ where day between '{d}' and '{d}' group by grouping sets ((region), (region, city), ())
;;
select * from (select store_id, quarter, revenue from mart.quarterly~ where year = {n}) pivot (sum(revenue) for quarter in (1, 2, 3, 4)) as p
;;
select b.sensor_id, b.bucket, avg(b.value) from (select sensor_id, date_trunc('hour', measured_at) as bucket, value from iot.readings~ where measured_at >= '{d}' and value between {m} and {m}) b group by b.sensor_id, b.bucket
;;
select s.sensor_id, r.value from iot.sensors~ s inner join iot.readings~ r on r.sensor_id = s.sensor_id and r.measured_at between s.valid_from and s.valid_to where s.kind = '{w}' and r.measured_at::date in ('{d}', '{d}')
;;
select m.member_id, m.plan, sum(v.minutes) from fit.members~ m cross join fit.calendar~ c left join fit.visits~ v on v.member_id = m.member_id and v.visited_on = c.day where c.day > '{d}' and m.plan <> '{w}' group by 1, 2
;;
select coalesce(x.account_id, y.account_id) as account_id, x.balance - y.balance as delta from bank.ledger~ x full join bank.ledger_copy~ y on x.account_id = y.account_id and x.as_of = y.as_of where x.as_of = '{d}' and abs(x.balance - y.balance) > {m}
;;
select account_id, first_value(balance ignore nulls) over (partition by account_id order by as_of rows between unbounded preceding and unbounded following) as opening from bank.ledger~ where as_of >= '{d}'
;;
select t.txn_id from bank.transactions~ t where t.amount > {m} and t.merchant_category in ({ns}) and lower(t.country) = '{w}' and t.booked_at >= date_trunc('day', timestamp '{d}') and not exists (select * from bank.disputes~ d where d.txn_id = t.txn_id)
;;
select regexp_substr(url, '[^/]+$') as page, count(*) as views from web.page_views~ where viewed_at > '{d}' and url like '%{w}%' group by 1 having count(*) > {n} order by views desc limit {n}
;;
select split_part(email_hash, ':', 2) as bucket, ratio_to_report(spend) over () as share from crm.spenders~ where cohort = '{d}'
;;
select p.plan_name, count(case when s.cancelled_on is null then 1 end) as active, count(s.cancelled_on) as cancelled from saas.subscriptions~ s join saas.plans~ p on p.plan_id = s.plan_id and p.valid_to > '{d}' where s.started_on < '{d}' group by p.plan_name
;;
select u.user_id, convert_timezone('{w}', u.last_seen) as seen, len(trim(both ' ' from u.nickname)) as width from app.users~ u where u.last_seen > '{d}' and position('{w}' in u.nickname) > 0
;;
select object_id, array(1, 2, 3) as kinds, json_parse(doc) as doc from app.objects~ where is_valid_json(doc) and owner_id = {n}
;;
explain select o.order_id from sales.orders~ o join sales.order_lines~ l on l.order_id = o.order_id where l.sku = '{w}' and o.order_date = '{d}'
;;
declare "SQL_CUR{n}" cursor with hold for select customer_id, region, tier from sales.customers~ where created_at >= '{d}' order by customer_id
;;
fetch forward {n} from "SQL_CUR{n}"
;;
create materialized view mart.top_products~ auto refresh yes as select sku, sum(quantity) as units from sales.order_lines~ where ordered_on > '{d}' group by sku
;;
refresh materialized view mart.top_products~
;;
vacuum sort only sales.orders~ to {n} percent
;;
analyze sales.orders~ predicate columns
;;
alter table staging.orders_raw~ append from staging.orders_increment~
;;
create table staging.tmp_orders~ (order_id bigint encode az64, status varchar({n}) encode lzo, loaded_at timestamp default sysdate) diststyle even sortkey (order_id)
;;
call ops.refresh_marts~('{w}', {n}, '{d}')
;;
select current_user_id, q.label, q.elapsed from ops.query_log~ q where q.elapsed > {n} and q.label not like '{w}%' and q.started_at >= dateadd(hour, -{n}, sysdate) order by q.elapsed desc nulls last limit {n} offset {n}
;;
select case when grouping(a.channel) = 1 then '{w}' else a.channel end as channel, sum(a.clicks) as clicks, sum(a.clicks)::float / nullif(sum(a.views), 0) as rate from ads.daily~ a where a.day >= '{d}'::date and a.day < ('{d}'::date + interval '{n} days') group by cube (a.channel)
;;
with base as (select account_id, month, mrr from saas.monthly~ where month between '{d}' and '{d}'),
     moved as (select b.account_id, b.month, b.mrr, lag(b.mrr) over (partition by b.account_id order by b.month) as before from base b)
select month, sum(case when before is null then mrr else 0 end) as new_mrr, sum(greatest(mrr - before, 0)) as expansion, sum(least(mrr - before, 0)) as contraction from moved group by month order by month
;;
select d.name, e.name, e.salary, rank() over (partition by d.name order by e.salary desc) as place from hr.employees~ e join hr.departments~ d on d.department_id = e.department_id where e.hired_on < '{d}' and e.salary > {m}
;;
select x.geohash, count(*) from (select st_geohash(st_makepoint(lon, lat), {n}) as geohash from geo.pings~ where seen_at between '{d}' and '{d}' and device_kind = '{w}') x group by x.geohash
;;
lock sales.orders~
"""

_SLOT = re.compile(r"\{(n|m|w|d|ns|ws|rows)\}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def statements() -> list[str]:
    return [statement.strip() for statement in STATEMENTS.split(";;")]


def filled(statement: str, chance: random.Random, *, own_table: str = "") -> str:
    """The statement with values in its slots, and tables of its own if a suffix is given."""
    return _SLOT.sub(lambda slot: _value(slot.group(1), chance), statement).replace("~", own_table)


def texts(count: int, *, seed: int, own_tables: bool = False) -> Iterator[str]:
    """Statements of the corpus in turn, each text with other values (and tables) than the last."""
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
    templates = statements()
    for number in range(count):
        suffix = "_" + _letters(number) if own_tables else ""
        yield filled(templates[number % len(templates)], chance, own_table=suffix)


def _letters(number: int) -> str:
    letters = ""
    while True:
        letters = _LETTERS[number % 26] + letters
        number //= 26
        if number == 0:
            return letters


def _value(slot: str, chance: random.Random) -> str:
    if slot == "n":
        return str(chance.randrange(1, 10**9))
    if slot == "m":
        return f"{chance.randrange(10**7) / 100:.2f}"
    if slot == "w":
        return "".join(chance.choices(_LETTERS, k=chance.randrange(4, 14)))
    if slot == "d":
        return f"20{chance.randrange(10, 30)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
    if slot == "rows":
        row = "({n}, '{w}', '{w}', '{d}')"
        return ", ".join(filled(row, chance) for _ in range(chance.randrange(1, 30)))
    entry = "{n}" if slot == "ns" else "'{w}'"
    return ", ".join(filled(entry, chance) for _ in range(chance.randrange(1, 30)))
