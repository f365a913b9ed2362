"""What can be set from outside. The only reader of the environment."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.domain.errors import UnusableInputError
from backend.domain.money import Prices

Port = Annotated[int, Field(ge=1, le=65_535)]
PROJECT_FOLDER_NAME = "redshift-query-workbench"
CONFIG_NAME = "workbench.toml"
LONGEST_RAW_TEXT_DAYS = 30


class SettingError(UnusableInputError):
    """A setting in the environment has a value that cannot be used."""


class StorageSettings(BaseSettings):
    """Where the embedded store lives."""

    model_config = SettingsConfigDict(env_prefix="WORKBENCH_", env_ignore_empty=True, frozen=True)

    data_dir: Path | None = None
    """The folder of the embedded store and its logs; made when missing. The default is
    `redshift-query-workbench` in the user's data folder, the same wherever a command is started."""

    user_data_home: Path | None = Field(default=None, validation_alias="XDG_DATA_HOME")
    """The user's data folder by the XDG convention; `~/.local/share` when not set."""

    @property
    def folder(self) -> Path:
        """Absolute; does not say that the folder exists."""
        if self.data_dir is not None:
            return self.data_dir.expanduser().absolute()
        # The convention says that a relative path is to be ignored.
        if self.user_data_home is not None and self.user_data_home.is_absolute():
            return self.user_data_home / PROJECT_FOLDER_NAME
        return Path.home() / ".local" / "share" / PROJECT_FOLDER_NAME

    config: Path | None = None
    """A TOML file with thresholds and prices. The default is `workbench.toml` in the data folder,
    where there is one."""

    @property
    def config_file(self) -> Path:
        """May not be there, unless it was named."""
        return self.config.expanduser() if self.config else self.folder / CONFIG_NAME

    raw_text_days: int = Field(default=0, ge=0, le=LONGEST_RAW_TEXT_DAYS)
    """For so many days after its import one raw statement a pattern is kept, in a file of its own,
    so that the Query page can put the original values into a rewrite. 0 keeps none, and deletes at
    the next start what was kept before."""

    @property
    def history_file(self) -> Path:
        return self.folder / "history.sqlite3"

    @property
    def marks_key_file(self) -> Path:
        return self.folder / "marks.key"

    @property
    def raw_text_file(self) -> Path:
        return self.folder / "raw_text.sqlite3"

    @property
    def logs_folder(self) -> Path:
        return self.folder / "logs"


class ServingSettings(BaseSettings):
    """Where the pages and the API answer."""

    model_config = SettingsConfigDict(env_prefix="WORKBENCH_", env_ignore_empty=True, frozen=True)

    host: str = "127.0.0.1"
    """The address to listen on. Nobody has to log in: keep it on this machine unless a gateway
    that knows its users stands in front."""

    port: Port = 8501
    """The port of the workbench's pages."""

    api_port: Port = 8000
    """The port of the API."""


class ExplainSettings(BaseSettings):
    """What may be asked of the cluster."""

    model_config = SettingsConfigDict(env_prefix="WORKBENCH_", env_ignore_empty=True, frozen=True)

    explain_on_cluster: bool = False
    """Whether a statement may be sent to the cluster as EXPLAIN, when someone asks for its plan.
    Only a query that reads passes the guard, in a transaction that is read-only and rolled back."""


class OutboundSettings(BaseSettings):
    """What a model is given, and how long is kept what it was given."""

    model_config = SettingsConfigDict(env_prefix="WORKBENCH_", env_ignore_empty=True, frozen=True)

    alias_names: bool = False
    """Whether names of tables, columns, schemas, databases, users and labels are replaced in what
    a model is given, and put back into its answer on this machine."""

    receipt_days: int = Field(default=90, ge=1, le=3_650)
    """For so many days the receipts of model calls are kept, with all that was sent."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`thresholds` are those that the configuration file changes, by name; `prices` are None where
    it holds none."""

    storage: StorageSettings
    serving: ServingSettings
    explain: ExplainSettings = field(default_factory=ExplainSettings)
    outbound: OutboundSettings = field(default_factory=OutboundSettings)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    prices: Prices | None = None


def read_settings(data_dir: Path | None = None) -> Settings:
    """From the environment; `data_dir` beats WORKBENCH_DATA_DIR. Raises SettingError."""
    try:
        settings = Settings(
            storage=StorageSettings(),
            serving=ServingSettings(),
            explain=ExplainSettings(),
            outbound=OutboundSettings(),
        )
    except ValidationError as error:
        raise SettingError(_sentence(error)) from error
    storage = settings.storage
    if data_dir is not None:
        storage = storage.model_copy(update={"data_dir": data_dir})
    file = _read_config(storage)
    return Settings(
        storage=storage,
        serving=settings.serving,
        explain=settings.explain,
        outbound=settings.outbound,
        thresholds=dict(file.thresholds),
        prices=file.prices.as_prices() if file.prices else None,
    )


class PriceList(BaseModel):
    """What a cluster costs, in US dollars: `nodes` and `node_hour` of a provisioned one, or
    `rpu_hour` and `base_rpu` of Serverless."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: date
    """The day on which the prices were looked up: shown beside every sum."""

    nodes: int = Field(default=0, ge=0)
    node_hour: float = Field(default=0.0, ge=0)
    rpu_hour: float = Field(default=0.0, ge=0)
    base_rpu: int = Field(default=0, ge=0)
    spectrum_tb: float | None = Field(default=None, ge=0)
    """A terabyte scanned by Spectrum; not charged on Serverless."""

    concurrency_scaling_hour: float | None = Field(default=None, ge=0)
    """An hour of a whole scaling cluster, beyond the free hours."""

    @model_validator(mode="after")
    def _name_one_kind(self) -> "PriceList":
        is_provisioned = self.nodes > 0 and self.node_hour > 0
        is_serverless = self.rpu_hour > 0 and self.base_rpu > 0
        if is_provisioned == is_serverless:
            raise ValueError("give nodes and node_hour, or rpu_hour and base_rpu")
        return self

    def as_prices(self) -> Prices:
        return Prices(**self.model_dump())


class ConfigFile(BaseModel):
    """What `workbench.toml` may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    thresholds: dict[str, float] = Field(default_factory=dict)
    """Values of thresholds, by the names that `workbench checks` lists."""

    prices: PriceList | None = None


def _read_config(storage: StorageSettings) -> ConfigFile:
    file = storage.config_file
    if storage.config is None and not file.is_file():
        return ConfigFile()
    try:
        return ConfigFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingError(f"{file} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{file} is no TOML file: {error}.") from error
    except ValidationError as error:
        wrong = error.errors()[0]
        place = ".".join(str(part) for part in wrong["loc"])
        raise SettingError(f"{file}, {place}: {wrong['msg']}.") from error


def _sentence(error: ValidationError) -> str:
    wrong = error.errors()[0]
    name = "_".join(str(part) for part in wrong["loc"]).upper()
    return f"The setting WORKBENCH_{name} cannot be used: {wrong['msg']}."


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment for a process of ours that shall work on the same store."""
    return {**os.environ, "WORKBENCH_DATA_DIR": str(settings.storage.folder)}  # noqa: TID251 - this is the reader
