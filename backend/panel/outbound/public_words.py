"""Words of SQL and of Redshift: they stand in every warehouse's statements and tell nothing."""

import re
from functools import cache

from sqlglot import exp
from sqlglot.dialects.redshift import Redshift

_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_OF_PLANS = frozenset(
    """
    inner outer hash cond merge join filter sort key distkey sortkey diststyle seq scan subquery
    subplan initplan xn ld lf aggregate groupaggregate hashaggregate unique limit network window
    append materialize bpchar character varying numeric text timestamp without with time zone
    ds_dist_none ds_dist_all_none ds_dist_inner ds_dist_outer ds_dist_all_inner ds_dist_both
    ds_bcast_inner volt_tt_ s3 query partition loop order dist null
    year quarter month week day hour minute second epoch dow doy
    az64 bytedict delta lzo mostly8 mostly16 mostly32 raw runlength zstd encode auto even
""".split()  # noqa: SIM905 - a text reads better
)


@cache
def public_words() -> frozenset[str]:
    """In lower case: keywords, types and functions as the parser of Redshift's dialect knows them,
    and the words of plans and table designs."""
    known = [*Redshift.Tokenizer.KEYWORDS, *Redshift.Parser.FUNCTIONS, *_OF_PLANS]
    known += [kind.value for kind in exp.DataType.Type]
    return frozenset(word for name in known for word in _WORD.findall(str(name).lower()))
