"""The tables of the invented warehouse, Northlight Outfitters, as its system views show them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

MAIN_DATABASE = "northlight"
LAB_DATABASE = "northlight_lab"


@dataclass(frozen=True, kw_only=True)
class SampleColumn:
    name: str
    data_type: str
    encoding: str
    is_distribution_key: bool
    sort_key_position: int


@dataclass(frozen=True, kw_only=True)
class SampleTable:
    """`planned_rows` is what the planner believes; it differs from `rows` where statistics are
    stale. `columns_text` lists `name type` pairs; keys and encodings follow from the design."""

    schema: str
    name: str
    table_id: int
    rows: int
    size_mb: int
    diststyle: str
    sort_keys: tuple[str, ...] = ()
    unsorted_percent: float = 0.0
    stats_off_percent: float = 0.0
    skew_rows: float = 1.02
    vacuum_sort_benefit_percent: float = 0.0
    deleted_share: float = 0.0
    planned_rows: int | None = None
    database: str = MAIN_DATABASE
    columns_text: str

    @property
    def full_name(self) -> str:
        return f"{self.database}.{self.schema}.{self.name}"

    @property
    def believed_rows(self) -> int:
        return self.rows if self.planned_rows is None else self.planned_rows

    @property
    def distribution_key(self) -> str | None:
        _, opening, rest = self.diststyle.partition("KEY(")
        return rest.rstrip(")") if opening else None

    def columns(self) -> Iterator[SampleColumn]:
        for text in self.columns_text.split(";"):
            name, data_type = text.split(maxsplit=1)
            position = self.sort_keys.index(name) + 1 if name in self.sort_keys else 0
            yield SampleColumn(
                name=name,
                data_type=data_type.strip(),
                encoding=_encoding(data_type.strip(), position),
                is_distribution_key=name == self.distribution_key,
                sort_key_position=position,
            )

    @property
    def max_varchar(self) -> int:
        lengths = [
            int(column.data_type.partition("(")[2].rstrip(")"))
            for column in self.columns()
            if column.data_type.startswith("varchar")
        ]
        return max(lengths, default=0)


def _encoding(data_type: str, sort_key_position: int) -> str:
    # What ENCODE AUTO chooses: the first sort column stays raw, text is LZO, numbers AZ64.
    if sort_key_position == 1 or data_type.startswith(("bool", "float")):
        return "none"
    return "lzo" if data_type.startswith(("varchar", "char")) else "az64"


ORDER_LINES = SampleTable(
    schema="retail", name="order_lines", table_id=120_411, rows=1_912_400_000, size_mb=148_200,
    diststyle="KEY(order_id)", sort_keys=("order_date", "order_id"), unsorted_percent=1.1,
    stats_off_percent=0.6,
    columns_text="order_id int8; line_number int2; order_date date; product_id int4; "
    "promotion_id int4; quantity int4; unit_price numeric(12,2); discount_amount numeric(12,2); "
    "net_amount numeric(12,2); cost_amount numeric(12,2); tax_amount numeric(12,2); "
    "currency_code char(3); fulfilment_code varchar(12)",
)  # fmt: skip
ORDERS = SampleTable(
    schema="retail", name="orders", table_id=120_402, rows=618_700_000, size_mb=41_900,
    diststyle="KEY(order_id)", sort_keys=("order_date", "order_id"), unsorted_percent=2.3,
    stats_off_percent=1.4, deleted_share=0.01,
    columns_text="order_id int8; customer_id int8; store_id int4; order_date date; "
    "ordered_at timestamp; status varchar(16); channel varchar(16); total_amount numeric(14,2); "
    "shipping_amount numeric(10,2); coupon_code varchar(24); updated_at timestamp",
)  # fmt: skip
SALES = SampleTable(
    schema="retail", name="sales", table_id=120_420, rows=2_431_000_000, size_mb=171_300,
    diststyle="KEY(store_id)", sort_keys=("sold_on",), unsorted_percent=3.0,
    stats_off_percent=2.2, skew_rows=6.41,
    columns_text="sale_id int8; store_id int4; till_number int2; sold_on date; "
    "sold_at timestamp; product_id int4; customer_id int8; quantity int4; "
    "net_amount numeric(12,2); tax_amount numeric(12,2); cost_amount numeric(12,2); "
    "tender_type varchar(16); cashier_code varchar(16)",
)  # fmt: skip
RETURNS = SampleTable(
    schema="retail", name="returns", table_id=120_433, rows=84_300_000, size_mb=7_450,
    diststyle="EVEN", sort_keys=("returned_on",), unsorted_percent=37.4, stats_off_percent=5.1,
    vacuum_sort_benefit_percent=22.8, deleted_share=0.04,
    columns_text="return_id int8; order_id int8; line_number int2; product_id int4; "
    "returned_on date; reason_code varchar(24); refund_amount numeric(12,2); "
    "condition_code varchar(12); note varchar(512); handled_by varchar(64)",
)  # fmt: skip
INVENTORY_DAILY = SampleTable(
    schema="retail", name="inventory_daily", table_id=120_447, rows=3_120_900_000,
    size_mb=118_600, diststyle="KEY(product_id)", sort_keys=("snapshot_date",),
    unsorted_percent=71.8, stats_off_percent=6.7, vacuum_sort_benefit_percent=44.1,
    columns_text="snapshot_date date; product_id int4; store_id int4; on_hand int4; "
    "reserved int4; on_order int4; unit_cost numeric(12,2); bin_code varchar(16)",
)  # fmt: skip
WEB_EVENTS = SampleTable(
    schema="retail", name="web_events", table_id=120_455, rows=9_842_000_000, size_mb=642_000,
    diststyle="EVEN", sort_keys=("event_time",), unsorted_percent=0.8, stats_off_percent=3.9,
    columns_text="event_id varchar(36); event_time timestamp; session_id varchar(36); "
    "visitor_id varchar(36); customer_id int8; event_type varchar(32); page_url varchar(2048); "
    "referrer_url varchar(2048); user_agent varchar(1024); ip_address varchar(45); "
    "country_code char(2); region_name varchar(64); city_name varchar(96); "
    "device_type varchar(16); os_name varchar(32); browser_name varchar(32); "
    "screen_width int4; screen_height int4; product_id int4; search_term varchar(256); "
    "cart_value numeric(12,2); campaign_code varchar(64); medium varchar(32); "
    "source_name varchar(64); experiment_code varchar(64); variant_code varchar(16); "
    "scroll_depth int2; dwell_ms int4; is_bot bool; consent_flags varchar(64); "
    "payload varchar(16384); loaded_at timestamp",
)  # fmt: skip
WEB_SESSIONS = SampleTable(
    schema="retail", name="web_sessions", table_id=120_457, rows=1_324_000_000, size_mb=96_400,
    diststyle="EVEN", sort_keys=("started_at",), unsorted_percent=0.6, stats_off_percent=2.7,
    columns_text="session_id varchar(36); visitor_id varchar(36); started_at timestamp; "
    "ended_at timestamp; landing_group varchar(48); campaign_code varchar(64); "
    "device_type varchar(16); country_code char(2); event_count int4; has_purchase bool",
)  # fmt: skip
CUSTOMERS = SampleTable(
    schema="retail", name="customers", table_id=120_461, rows=46_200_000, size_mb=14_800,
    diststyle="KEY(customer_id)", sort_keys=("customer_id",), unsorted_percent=4.2,
    stats_off_percent=2.8,
    columns_text="customer_id int8; first_name varchar(64); last_name varchar(64); "
    "email varchar(256); phone varchar(32); birth_date date; gender_code char(1); "
    "street varchar(128); house_number varchar(16); postal_code varchar(16); "
    "city_name varchar(96); region_name varchar(64); country_code char(2); "
    "joined_on date; last_order_on date; loyalty_tier varchar(16); loyalty_points int4; "
    "marketing_opt_in bool; sms_opt_in bool; preferred_store_id int4; language_code char(2); "
    "credit_limit numeric(12,2); churn_score float8; lifetime_value numeric(14,2); "
    "notes varchar(2000); created_at timestamp; updated_at timestamp",
)  # fmt: skip
CUSTOMER_SEGMENTS = SampleTable(
    schema="crm", name="customer_segments", table_id=131_902, rows=38_400_000, size_mb=2_900,
    diststyle="AUTO(EVEN)", stats_off_percent=97.6, planned_rows=910_000,
    columns_text="customer_id int8; segment_code varchar(24); score float8; "
    "valid_from date; valid_to date; model_version varchar(16)",
)  # fmt: skip
SEGMENTS_BEFORE_REBUILD = replace(
    CUSTOMER_SEGMENTS, diststyle="KEY(customer_id)", rows=912_000, size_mb=74, planned_rows=None,
    table_id=118_644, stats_off_percent=1.0,
)  # fmt: skip
PAYMENTS = SampleTable(
    schema="retail", name="payments", table_id=120_470, rows=641_800_000, size_mb=52_700,
    diststyle="KEY(payment_id)", sort_keys=("paid_at",), unsorted_percent=6.4,
    stats_off_percent=43.2, planned_rows=402_000_000, vacuum_sort_benefit_percent=2.1,
    columns_text="payment_id int8; order_id int8; customer_id int8; paid_at timestamp; "
    "method varchar(16); card_number varchar(24); card_holder varchar(96); "
    "amount numeric(14,2); currency_code char(3); status varchar(16); gateway_ref varchar(48)",
)  # fmt: skip
PAYMENT_EVENTS = SampleTable(
    schema="retail", name="payment_events", table_id=120_474, rows=1_918_000_000, size_mb=88_300,
    diststyle="KEY(payment_id)", sort_keys=("occurred_at",), unsorted_percent=1.9,
    stats_off_percent=3.1,
    columns_text="payment_event_id int8; payment_id int8; occurred_at timestamp; "
    "event_code varchar(24); gateway_code varchar(16); response_code varchar(12); "
    "latency_ms int4",
)  # fmt: skip
SHIPMENTS = SampleTable(
    schema="retail", name="shipments", table_id=120_482, rows=512_300_000, size_mb=38_800,
    diststyle="KEY(carrier_id)", sort_keys=("shipped_on",), unsorted_percent=5.5,
    stats_off_percent=4.4, skew_rows=2.9,
    columns_text="shipment_id int8; order_id int8; carrier_id int4; warehouse_code varchar(12); "
    "shipped_on date; promised_on date; delivered_on date; weight_grams int4; "
    "cost_amount numeric(10,2); tracking_code varchar(48); status varchar(16)",
)  # fmt: skip
PRODUCTS = SampleTable(
    schema="retail", name="products", table_id=120_490, rows=384_000, size_mb=310,
    diststyle="ALL", sort_keys=("product_id",), stats_off_percent=0.3,
    columns_text="product_id int4; sku varchar(24); product_name varchar(160); "
    "category_code varchar(24); brand_name varchar(64); supplier_id int4; "
    "list_price numeric(12,2); launched_on date; is_active bool",
)  # fmt: skip
STORES = SampleTable(
    schema="retail", name="stores", table_id=120_493, rows=642, size_mb=48, diststyle="ALL",
    sort_keys=("store_id",),
    columns_text="store_id int4; store_name varchar(96); region_name varchar(64); "
    "country_code char(2); opened_on date; floor_area int4; format_code varchar(16)",
)  # fmt: skip
DATES = SampleTable(
    schema="retail", name="dates", table_id=120_495, rows=7_305, size_mb=32, diststyle="ALL",
    sort_keys=("calendar_date",),
    columns_text="calendar_date date; iso_week int2; month_start date; quarter_name char(6); "
    "is_holiday bool; season_code varchar(12)",
)  # fmt: skip
PROMOTIONS = SampleTable(
    schema="retail", name="promotions", table_id=120_498, rows=21_400, size_mb=44,
    diststyle="ALL", sort_keys=("promotion_id",), stats_off_percent=1.7,
    columns_text="promotion_id int4; promotion_name varchar(128); category_code varchar(24); "
    "starts_on date; ends_on date; discount_percent numeric(5,2); status varchar(16); "
    "budget_amount numeric(14,2); updated_at timestamp",
)  # fmt: skip
SUPPLIERS = SampleTable(
    schema="retail", name="suppliers", table_id=120_501, rows=9_240, size_mb=36,
    diststyle="AUTO(ALL)", sort_keys=("supplier_id",), stats_off_percent=0.9,
    columns_text="supplier_id int4; supplier_name varchar(128); country_code char(2); "
    "contact_email varchar(256); lead_days int2; rating numeric(4,2)",
)  # fmt: skip
CARRIERS = SampleTable(
    schema="retail", name="carriers", table_id=120_504, rows=48, size_mb=24, diststyle="ALL",
    sort_keys=("carrier_id",),
    columns_text="carrier_id int4; carrier_name varchar(64); service_level varchar(24)",
)  # fmt: skip
STG_ORDERS = SampleTable(
    schema="staging", name="stg_orders", table_id=140_020, rows=2_210_000, size_mb=240,
    diststyle="KEY(order_id)", sort_keys=("order_date",), stats_off_percent=3.0,
    columns_text="order_id int8; customer_id int8; store_id int4; order_date date; "
    "ordered_at timestamp; status varchar(16); channel varchar(16); total_amount numeric(14,2); "
    "shipping_amount numeric(10,2); coupon_code varchar(24); updated_at timestamp",
)  # fmt: skip
STG_ORDER_LINES = SampleTable(
    schema="staging", name="stg_order_lines", table_id=140_023, rows=2_204_000, size_mb=190,
    diststyle="KEY(order_id)", sort_keys=("order_date",), stats_off_percent=3.0,
    columns_text="order_id int8; line_number int2; order_date date; product_id int4; "
    "promotion_id int4; quantity int4; unit_price numeric(12,2); discount_amount numeric(12,2); "
    "net_amount numeric(12,2); cost_amount numeric(12,2); tax_amount numeric(12,2); "
    "currency_code char(3); fulfilment_code varchar(12)",
)  # fmt: skip
STG_RETURNS = SampleTable(
    schema="staging", name="stg_returns", table_id=140_026, rows=168_000, size_mb=64,
    diststyle="EVEN", stats_off_percent=6.0,
    columns_text="return_id int8; order_id int8; line_number int2; product_id int4; "
    "returned_on date; reason_code varchar(24); refund_amount numeric(12,2); "
    "condition_code varchar(12); note varchar(512); handled_by varchar(64)",
)  # fmt: skip
STG_INVENTORY = SampleTable(
    schema="staging", name="stg_inventory", table_id=140_031, rows=8_900_000, size_mb=390,
    diststyle="KEY(product_id)", sort_keys=("snapshot_date",), stats_off_percent=4.0,
    columns_text="snapshot_date date; product_id int4; store_id int4; on_hand int4; "
    "reserved int4; on_order int4; unit_cost numeric(12,2); bin_code varchar(16)",
)  # fmt: skip
DAILY_STORE_SALES = SampleTable(
    schema="mart", name="daily_store_sales", table_id=150_104, rows=1_410_000, size_mb=180,
    diststyle="ALL", sort_keys=("sold_on",), stats_off_percent=0.4,
    columns_text="sold_on date; store_id int4; category_code varchar(24); quantity int8; "
    "net_amount numeric(16,2); cost_amount numeric(16,2); basket_count int8",
)  # fmt: skip
CUSTOMER_LTV = SampleTable(
    schema="mart", name="customer_ltv", table_id=150_117, rows=41_100_000, size_mb=3_300,
    diststyle="KEY(customer_id)", sort_keys=("customer_id",), stats_off_percent=1.2,
    columns_text="customer_id int8; first_order_on date; order_count int8; "
    "net_amount numeric(16,2); margin_amount numeric(16,2); return_share float8",
)  # fmt: skip
STOCK_COVER = SampleTable(
    schema="mart", name="stock_cover", table_id=150_131, rows=62_300_000, size_mb=1_340,
    diststyle="KEY(product_id)", sort_keys=("snapshot_date",), unsorted_percent=6.1,
    stats_off_percent=4.6, deleted_share=0.62,
    columns_text="snapshot_date date; product_id int4; store_id int4; on_hand int4; "
    "available int4",
)  # fmt: skip
CHURN_LABELS = SampleTable(
    schema="science", name="churn_labels", table_id=160_003, rows=6_350_000, size_mb=420,
    diststyle="KEY(customer_id)", sort_keys=("customer_id",), stats_off_percent=0.0,
    database=LAB_DATABASE,
    columns_text="customer_id int8; labelled_on date; has_churned bool; cohort_code varchar(16)",
)  # fmt: skip
CLICK_RAW = SampleTable(
    schema="retail", name="click_raw", table_id=120_511, rows=2_870_000_000, size_mb=148_900,
    diststyle="EVEN", sort_keys=("received_at",), unsorted_percent=2.1, stats_off_percent=4.8,
    columns_text="click_id varchar(36); received_at timestamp; visitor_id varchar(36); "
    "page_url varchar(2048); payload varchar(4096)",
)  # fmt: skip
WEB_EVENTS_2023 = SampleTable(
    schema="retail", name="web_events_2023", table_id=118_204, rows=3_130_000_000,
    size_mb=204_600, diststyle="EVEN", sort_keys=("event_time",),
    columns_text="event_id varchar(36); event_time timestamp; session_id varchar(36); "
    "visitor_id varchar(36); customer_id int8; event_type varchar(32); page_url varchar(2048)",
)  # fmt: skip
MV_CATEGORY_SALES = SampleTable(
    schema="mart", name="mv_tbl__mv_category_sales__0", table_id=151_002, rows=640_000,
    size_mb=90, diststyle="EVEN", stats_off_percent=0.4,
    columns_text="sold_on date; category_code varchar(24); net_amount numeric(16,2); quantity int8",
)  # fmt: skip
MV_STORE_TRAFFIC = SampleTable(
    schema="mart", name="mv_tbl__mv_store_traffic__0", table_id=151_009, rows=920_000,
    size_mb=84, diststyle="EVEN", stats_off_percent=0.8,
    columns_text="visited_on date; store_id int4; visits int8; conversion_rate float8",
)  # fmt: skip

TABLES = (
    ORDER_LINES, ORDERS, SALES, RETURNS, INVENTORY_DAILY, WEB_EVENTS, WEB_SESSIONS, CUSTOMERS,
    CUSTOMER_SEGMENTS, PAYMENTS, PAYMENT_EVENTS, SHIPMENTS, PRODUCTS, STORES, DATES, PROMOTIONS,
    SUPPLIERS, CARRIERS, STG_ORDERS, STG_ORDER_LINES, STG_RETURNS, STG_INVENTORY, DAILY_STORE_SALES,
    CUSTOMER_LTV, STOCK_COVER, CHURN_LABELS, CLICK_RAW, WEB_EVENTS_2023, MV_CATEGORY_SALES,
    MV_STORE_TRAFFIC,
)  # fmt: skip

ADVICE = (
    (CUSTOMER_SEGMENTS, "diststyle",
     'ALTER TABLE "crm"."customer_segments" ALTER DISTSTYLE KEY DISTKEY "customer_id"'),
    (SALES, "diststyle", 'ALTER TABLE "retail"."sales" ALTER DISTSTYLE EVEN'),
    (RETURNS, "diststyle", 'ALTER TABLE "retail"."returns" ALTER DISTSTYLE KEY DISTKEY "order_id"'),
    (SHIPMENTS, "diststyle",
     'ALTER TABLE "retail"."shipments" ALTER DISTSTYLE KEY DISTKEY "order_id"'),
    (WEB_EVENTS, "diststyle",
     'ALTER TABLE "retail"."web_events" ALTER DISTSTYLE KEY DISTKEY "customer_id"'),
    (PAYMENTS, "encode", 'ALTER TABLE "retail"."payments" ALTER COLUMN "gateway_ref" ENCODE zstd'),
)  # fmt: skip
"""What Redshift's own Advisor proposes: table, type, ddl (SVV_ALTER_TABLE_RECOMMENDATIONS)."""
