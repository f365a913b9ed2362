"""Functions of Redshift that only read: what the guard lets a statement call.

Names are those of the SQL functions reference of the Redshift database developer guide, in its
groups. Left out of it are those that change the session or the cluster (SET_CONFIG,
PG_CANCEL_BACKEND, PG_TERMINATE_BACKEND, REBOOT_CLUSTER), that read settings (CURRENT_SETTING) and
that run a model (EXPLAIN_MODEL). Nobody can add to the list: a function of a user is unknown to
it, whatever it does. PostgreSQL's MAKE_DATE and its kin, which only put numbers together, are on the
list: where Redshift does not know one, it says so.
"""

_AGGREGATE = """
any_value avg bit_and bit_or bool_and bool_or corr count covar_pop
covar_samp grouping grouping_id listagg max median min percentile_cont percentile_disc stddev
stddev_pop stddev_samp sum var_pop var_samp variance
"""
_WINDOW = """
cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank
ratio_to_report row_number
"""
_CONDITIONAL = "coalesce decode greatest isnull least nullif nvl nvl2"
_FORMAT = "cast convert text_to_int_alt text_to_numeric_alt to_char to_date to_number try_cast"
_DATE = """
add_months age clock_timestamp convert_timezone current_date current_time
current_timestamp date_add date_cmp date_cmp_timestamp date_cmp_timestamptz date_diff date_part
date_part_year date_trunc dateadd datediff datepart extract getdate interval_cmp isfinite last_day
localtime localtimestamp months_between next_day now statement_timestamp sysdate timeofday
timestamp_cmp timestamp_cmp_date timestamp_cmp_timestamptz timestamptz_cmp timestamptz_cmp_date
timestamptz_cmp_timestamp timezone to_timestamp transaction_timestamp trunc
make_date make_interval make_time make_timestamp make_timestamptz
day hour minute month quarter second week year
"""
_STRING = """
ascii bpcharcmp btrim bttext_pattern_cmp char_length character_length charindex chr collate concat
crc32 difference initcap left len length lower lpad ltrim octet_length octetindex
overlay position quote_ident quote_literal regexp_count regexp_instr regexp_replace regexp_substr
repeat replace replicate reverse right rpad rtrim soundex split_part strpos strtol substr substring
textlen to_ascii to_hex translate trim upper
"""
_HASH = """
checksum farmfingerprint64 fnv_hash func_sha1 md5 md5_digest murmur3_32_hash sha sha1 sha2
"""
_MATH = """
abs acos asin atan atan2 cbrt ceil ceiling cos cot degrees dexp div dlog1 dlog10 exp floor ln log
mod pi pow power radians random round sign sin sqrt tan width_bucket
"""
_HYPERLOGLOG = "hll hll_cardinality hll_combine hll_combine_sketches hll_create_sketch"
_JSON = """
can_json_parse is_valid_json is_valid_json_array json_array_length json_extract_array_element_text
json_extract_path_text json_parse json_serialize json_serialize_to_varbyte json_size json_typeof
"""
_SUPER = """
array array_concat array_contains array_distinct array_except array_flatten array_intersection
array_position array_positions array_sort array_union arrays_overlap decimal_precision
decimal_scale get_array_length get_number_attributes is_array is_bigint is_boolean is_char
is_decimal is_float is_integer is_object is_scalar is_smallint is_varchar lower_attribute_names
object object_transform size split_to_array subarray unnest upper_attribute_names
"""
_VARBYTE = "from_hex from_varbyte get_byte getbit to_varbyte"
_SPATIAL = """
addbbox dropbbox geometrytype h3_boundary h3_center h3_fromlonglat h3_frompoint h3_isvalid
h3_polyfill h3_resolution h3_tochildren h3_toparent st_addpoint st_angle st_area st_asbinary
st_asewkb st_asewkt st_asgeojson st_ashexewkb st_ashexwkb st_astext st_azimuth st_boundary
st_buffer st_centroid st_collect st_contains st_containsproperly st_convexhull st_coveredby
st_covers st_crosses st_dimension st_disjoint st_distance st_distancesphere st_dwithin st_endpoint
st_envelope st_equals st_exteriorring st_force2d st_force3d st_force3dm st_force3dz st_force4d
st_geogfromtext st_geogfromwkb st_geohash st_geometryn st_geometrytype st_geomfromewkb
st_geomfromewkt st_geomfromgeohash st_geomfromgeojson st_geomfromgeosquare st_geomfromtext
st_geomfromwkb st_geosquare st_interiorringn st_intersection st_intersects st_isclosed
st_iscollection st_isempty st_ispolygonccw st_ispolygoncw st_isring st_issimple st_isvalid
st_length st_length2d st_lengthsphere st_linefrommultipoint st_lineinterpolatepoint st_m
st_makeenvelope st_makeline st_makepoint st_makepolygon st_memsize st_mmax st_mmin st_multi
st_ndims st_npoints st_nrings st_numgeometries st_numinteriorrings st_numpoints st_perimeter
st_perimeter2d st_point st_pointn st_points st_polygon st_removepoint st_reverse st_setpoint
st_setsrid st_simplify st_srid st_startpoint st_touches st_transform st_union st_within st_x
st_xmax st_xmin st_y st_ymax st_ymin st_z st_zmax st_zmin supportsbbox
"""
_SYSTEM_INFORMATION = """
current_aws_account current_database current_namespace current_schema current_schemas current_user
current_user_id has_assumerole_privilege has_column_privilege has_database_privilege
has_function_privilege has_schema_privilege has_table_privilege pg_backend_pid
pg_get_late_binding_view_cols pg_last_query_id session_user slice_num user version
"""
# Runs on the leader node only and is not in the guide, but dates are often made with it.
_UNDOCUMENTED = "generate_series row"
# A type's name before a bracket casts, or gives the type its length.
_TYPES = """
bigint bit boolean bool bpchar binary char character date datetime dec decimal double float float4
float8 geography geometry hllsketch int int2 int4 int8 integer interval nchar numeric nvarchar
precision real smallint super text time timestamp timestamptz timetz varbinary varbyte varchar
varying
"""

ALLOWED_FUNCTIONS = frozenset(
    " ".join(
        (
            _AGGREGATE, _WINDOW, _CONDITIONAL, _FORMAT, _DATE, _STRING, _HASH, _MATH, _HYPERLOGLOG,
            _JSON, _SUPER, _VARBYTE, _SPATIAL, _SYSTEM_INFORMATION, _UNDOCUMENTED, _TYPES,
        )
    ).split()
)  # fmt: skip
"""In lower case."""
