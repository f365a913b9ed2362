"""The statements of analysts, typed by hand or sent from notebooks."""

from backend.sample.plan_builder import (
    hash_aggregate,
    hash_join,
    limited,
    merge_join,
    ordered,
    scan,
    window,
)
from backend.sample.sample_pattern import Failures, Queue, SamplePattern
from backend.sample.sample_plan import SamplePlan
from backend.sample.schedule import office, shops, workdays
from backend.sample.warehouse import (
    CHURN_LABELS,
    CUSTOMER_LTV,
    CUSTOMERS,
    LAB_DATABASE,
    ORDER_LINES,
    ORDERS,
    PAYMENT_EVENTS,
    PAYMENTS,
    PRODUCTS,
    RETURNS,
    SHIPMENTS,
    STG_INVENTORY,
    SUPPLIERS,
    WEB_EVENTS,
)

ANALYSTS = ("ana_solfjell", "ana_okonwell", "ana_brackenmoor", "ana_zamorra")
SCIENTISTS = ("sci_quillfeather", "sci_vantreight")
FINANCE = ("fin_reporting",)


def _conversion_funnel() -> SamplePlan:
    events = scan(
        WEB_EVENTS, keeps=0.00085, columns=0.021, width=56,
        where="(((event_time)::date = '2026-11-02'::date) AND (NOT is_bot))",
    )  # fmt: skip
    grouped = hash_aggregate(events, rows=20)
    return SamplePlan(root=ordered(grouped, "event_type, device_type"))


def _customer_orders_paid() -> SamplePlan:
    orders = scan(
        ORDERS, "o", reads=0.09, keeps=0.085, columns=0.3, width=24,
        where="(order_date >= '2026-08-03'::date)",
    )  # fmt: skip
    payments = scan(
        PAYMENTS, "p", reads=0.092, keeps=0.031, columns=0.24, width=44,
        where="((paid_at >= '2026-08-03 00:00:00'::timestamp without time zone) AND "
        "((status)::text = 'settled'::text))",
    )  # fmt: skip
    joined = hash_join(
        orders, payments, "DS_DIST_INNER", "order_id = order_id", rows=11_800_000,
        actual_rows=19_100_000,
    )  # fmt: skip
    return SamplePlan(root=ordered(joined, "o.ordered_at", limit=20_000))


def _payment_steps() -> SamplePlan:
    payments = scan(
        PAYMENTS, "p", reads=0.0070, keeps=0.0069, columns=0.12, width=28,
        where="(paid_at >= '2026-10-26 00:00:00'::timestamp without time zone)",
    )  # fmt: skip
    events = scan(
        PAYMENT_EVENTS, "v", reads=0.0070, keeps=0.0069, columns=0.3, width=24,
        where="(occurred_at >= '2026-10-26 00:00:00'::timestamp without time zone)",
    )  # fmt: skip
    joined = hash_join(events, payments, "DS_DIST_NONE", "payment_id = payment_id", rows=13_200_000)
    return SamplePlan(root=ordered(hash_aggregate(joined, rows=64), "sum(p.amount)"))


def _basket_pairs() -> SamplePlan:
    window_filter = "((order_date >= '2026-10-03'::date) AND (order_date <= '2026-11-02'::date))"
    first, second = (
        scan(ORDER_LINES, alias, reads=0.029, keeps=0.028, columns=0.15, width=12,
             where=window_filter)
        for alias in ("a", "b")
    )  # fmt: skip
    joined = hash_join(
        first, second, "DS_DIST_NONE", "order_id = order_id", rows=148_000_000,
        actual_rows=412_000_000, spills_mb=21_400,
    )  # fmt: skip
    grouped = hash_aggregate(joined, rows=96_000_000, spills_mb=63_900)
    return SamplePlan(root=ordered(grouped, "count(*)", limit=1_000))


def _returns_by_carrier() -> SamplePlan:
    shipments = scan(
        SHIPMENTS, "s", reads=0.126, keeps=0.122, columns=0.25, width=16,
        where="(shipped_on >= '2026-08-03'::date)",
    )  # fmt: skip
    returned = scan(
        RETURNS, "r", keeps=0.31, columns=0.5, width=36,
        where="((condition_code)::text = 'damaged'::text)",
    )  # fmt: skip
    joined = hash_join(shipments, returned, "DS_DIST_BOTH", "order_id = order_id", rows=2_900_000)
    return SamplePlan(root=ordered(hash_aggregate(joined, rows=310), "sum(r.refund_amount)"))


def _web_sessions() -> SamplePlan:
    events = scan(
        WEB_EVENTS, reads=0.0004, keeps=0.00013, columns=0.03, width=88,
        where="((event_time >= '2026-11-02 00:00:00'::timestamp without time zone) AND "
        "(country_code = 'NO'::bpchar))",
    )  # fmt: skip
    return SamplePlan(root=window(events, "session_id", "event_time"))


def _find_payment() -> SamplePlan:
    payments = scan(
        PAYMENTS, reads=0.092, keeps=2e-9, columns=0.5, width=120,
        where="(((card_number)::text = '4000 1188 2736 5549'::text) AND "
        "((card_holder)::text = 'Osvin Quillfeather'::text))",
    )  # fmt: skip
    return SamplePlan(root=ordered(payments, "paid_at"))


def _browse_events() -> SamplePlan:
    events = scan(
        WEB_EVENTS, reads=0.00004, keeps=1e-8, columns=1.0, width=6_204,
        where="((event_time >= '2026-11-02 08:00:00'::timestamp without time zone) AND "
        "(customer_id = 31880642))",
    )  # fmt: skip
    return SamplePlan(root=limited(events, 1_000))


def _product_lookup() -> SamplePlan:
    return SamplePlan(
        root=scan(
            PRODUCTS, keeps=0.0002, columns=0.7, width=210,
            where="(((sku)::text = 'NL-118-2204'::text) OR "
            "((product_name)::text ~~* '%ridge%'::text))",
        )
    )  # fmt: skip


def _stock_gaps() -> SamplePlan:
    inventory = scan(STG_INVENTORY, "i", keeps=0.71, columns=0.2, width=4, where="(on_hand > 0)")
    products = scan(
        PRODUCTS, "p", keeps=0.09, width=96, where="((category_code)::text = 'skis'::text)"
    )
    joined = hash_join(
        inventory, products, "DS_DIST_ALL_NONE", "product_id = product_id", rows=2_140,
        kind="Hash Right Join",
    )  # fmt: skip
    return SamplePlan(root=ordered(joined, "p.product_name"))


def _supplier_scorecard() -> SamplePlan:
    lines = scan(
        ORDER_LINES, "l", reads=0.029, keeps=0.028, columns=0.26, width=28,
        where="(order_date >= '2026-10-03'::date)",
    )  # fmt: skip
    by_product = hash_join(
        lines, scan(PRODUCTS, "p", width=8), "DS_DIST_ALL_NONE", "product_id = product_id",
        rows=53_500_000,
    )  # fmt: skip
    by_supplier = hash_join(
        by_product, scan(SUPPLIERS, "su", width=64), "DS_DIST_ALL_NONE",
        "supplier_id = supplier_id", rows=53_500_000,
    )  # fmt: skip
    return SamplePlan(
        root=ordered(
            hash_aggregate(by_supplier, rows=8_800),
            "sum((l.net_amount - l.cost_amount))",
            limit=100,
        )
    )


def _margin_report() -> SamplePlan:
    lines = scan(
        ORDER_LINES, "l", reads=0.084, keeps=0.083, columns=0.35, width=36,
        where="((order_date >= '2026-08-03'::date) AND (order_date <= '2026-11-02'::date))",
    )  # fmt: skip
    by_order = hash_join(
        lines, scan(ORDERS, "o", columns=0.25, width=20), "DS_DIST_NONE", "order_id = order_id",
        rows=158_000_000, spills_mb=38_200,
    )  # fmt: skip
    by_product = hash_join(
        by_order, scan(PRODUCTS, "p", width=20), "DS_DIST_ALL_NONE", "product_id = product_id",
        rows=158_000_000,
    )  # fmt: skip
    grouped = hash_aggregate(by_product, rows=118_000_000, spills_mb=87_500)
    return SamplePlan(root=ordered(grouped, "sum((l.net_amount - l.cost_amount))"))


def _cohort_margin() -> SamplePlan:
    first_orders = hash_aggregate(
        scan(ORDERS, reads=0.71, keeps=0.7, columns=0.2, width=12,
             where="(order_date >= '2024-11-02'::date)"),
        rows=38_000_000, spills_mb=2_600,
    )  # fmt: skip
    orders = hash_join(
        scan(ORDERS, "o", columns=0.2, width=16), first_orders, "DS_DIST_OUTER",
        "customer_id = customer_id", rows=610_000_000,
    )  # fmt: skip
    lines = scan(
        ORDER_LINES, "l", reads=0.69, keeps=0.68, columns=0.26, width=28,
        where="((order_date >= '2024-11-02'::date) AND (order_date <= '2026-11-02'::date))",
    )  # fmt: skip
    joined = hash_join(
        lines, orders, "DS_DIST_INNER", "order_id = order_id", rows=1_300_000_000,
        spills_mb=44_800,
    )  # fmt: skip
    return SamplePlan(root=ordered(hash_aggregate(joined, rows=25), "date_trunc('month', f.first)"))


def _churn_features() -> SamplePlan:
    customers = merge_join(
        scan(CUSTOMERS, "c", columns=0.2, width=32),
        scan(CUSTOMER_LTV, "v", columns=0.7, width=36),
        "customer_id = customer_id", rows=41_000_000,
    )  # fmt: skip
    labels = scan(
        CHURN_LABELS, "y", keeps=0.31, width=9, where="((cohort_code)::text = 'c202610'::text)"
    )
    return SamplePlan(
        root=hash_join(
            customers, labels, "DS_DIST_NONE", "customer_id = customer_id", rows=1_950_000
        )
    )


def _lab_label_balance() -> SamplePlan:
    labels = scan(
        CHURN_LABELS, keeps=0.32, columns=0.5, width=18,
        where="(labelled_on >= '2026-08-03'::date)",
    )  # fmt: skip
    return SamplePlan(root=ordered(hash_aggregate(labels, rows=24), "cohort_code, has_churned"))


def _lab_score_sample() -> SamplePlan:
    joined = merge_join(
        scan(CUSTOMER_LTV, "v", keeps=0.44, columns=0.5, width=24, where="(net_amount > 250)"),
        scan(CHURN_LABELS, "y", keeps=0.31, width=9,
             where="((cohort_code)::text = 'c202610'::text)"),
        "customer_id = customer_id", rows=870_000,
    )  # fmt: skip
    return SamplePlan(root=limited(joined, 50_000))


ANALYST_PATTERNS = (
    SamplePattern(
        name="conversion_funnel", query_type="SELECT", users=ANALYSTS[:2], schedule=office(9),
        variants=40, plan=_conversion_funnel, returned_rows=20, slowdown=1.6,
    ),
    SamplePattern(
        name="customer_orders_paid", query_type="SELECT", users=ANALYSTS, schedule=office(10),
        label="dbeaver", variants=36, plan=_customer_orders_paid, returned_rows=20_000,
        row_bytes=58, noise=0.22,
        failures=Failures(
            canceled_share=0.03, failed_share=0.03,
            message="ERROR: invalid input syntax for type numeric: \"12,50 Ingrun Solfjell\"",
        ),
    ),
    SamplePattern(
        name="payment_steps", query_type="SELECT", users=FINANCE, schedule=office(9),
        label="finance-report", plan=_payment_steps, returned_rows=64,
    ),
    SamplePattern(
        name="basket_pairs", query_type="SELECT", users=ANALYSTS[1:], schedule=office(2.4),
        label="dbeaver", variants=24, plan=_basket_pairs, returned_rows=1_000, noise=0.2,
        failures=Failures(canceled_share=0.06, failed_share=0.05, message="Disk Full"),
    ),
    SamplePattern(
        name="returns_by_carrier", query_type="SELECT", users=ANALYSTS[:3], schedule=office(7),
        variants=20, plan=_returns_by_carrier, returned_rows=310,
    ),
    SamplePattern(
        name="web_sessions", query_type="SELECT", users=ANALYSTS, schedule=office(6),
        label="jupyter", variants=40, plan=_web_sessions, returned_rows=1_240_000, row_bytes=96,
    ),
    SamplePattern(
        name="find_payment", query_type="SELECT", users=("svc_helpdesk",), schedule=shops(11),
        label="helpdesk", variants=90, plan=_find_payment, returned_rows=2, row_bytes=110,
    ),
    SamplePattern(
        name="browse_events", query_type="SELECT", users=ANALYSTS, schedule=office(10),
        label="dbeaver", variants=60, plan=_browse_events, returned_rows=260, row_bytes=2_800,
        failures=Failures(canceled_share=0.03),
    ),
    SamplePattern(
        name="product_lookup", query_type="SELECT", users=("svc_helpdesk",), schedule=shops(104),
        label="helpdesk", queue=Queue.SHORT, variants=120, plan=_product_lookup,
        returned_rows=40, cache_hit_share=0.15, compile_seconds=0.7,
    ),
    SamplePattern(
        name="stock_gaps", query_type="SELECT", users=ANALYSTS[2:], schedule=office(12),
        variants=30, plan=_stock_gaps, returned_rows=2_140, row_bytes=88,
    ),
    SamplePattern(
        name="supplier_scorecard", query_type="SELECT", users=ANALYSTS[:2], schedule=office(8),
        label="jupyter", plan=_supplier_scorecard, returned_rows=100, cache_hit_share=0.1,
    ),
    SamplePattern(
        name="margin_report", query_type="SELECT", users=FINANCE, schedule=workdays((5, 35)),
        label="finance-report", plan=_margin_report, returned_rows=248_000, noise=0.09,
        growth_in_28_days=0.06,
    ),
    SamplePattern(
        name="cohort_margin", query_type="SELECT", users=FINANCE + ANALYSTS[:1],
        schedule=office(1.7), label="jupyter", plan=_cohort_margin, returned_rows=25, noise=0.12,
        compile_seconds=9.5, failures=Failures(canceled_share=0.05),
    ),
    SamplePattern(
        name="churn_features", query_type="CTAS", users=SCIENTISTS, schedule=office(2.6),
        label="jupyter", database=LAB_DATABASE, plan=_churn_features, returned_rows=0,
    ),
    SamplePattern(
        name="lab_label_balance", query_type="SELECT", users=SCIENTISTS, schedule=office(6),
        label="jupyter", database=LAB_DATABASE, plan=_lab_label_balance, returned_rows=24,
    ),
    SamplePattern(
        name="lab_score_sample", query_type="SELECT", users=SCIENTISTS, schedule=office(5),
        label="jupyter", database=LAB_DATABASE, variants=24, plan=_lab_score_sample,
        returned_rows=50_000, row_bytes=28,
    ),
)  # fmt: skip
