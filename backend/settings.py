"""What can be set from outside. The only reader of the environment."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.domain.errors import UnusableInputError

Port = Annotated[int, Field(ge=1, le=65_535)]
PROJECT_FOLDER_NAME = "redshift-query-workbench"


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

    @property
    def history_file(self) -> Path:
        return self.folder / "history.sqlite3"

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


@dataclass(frozen=True, kw_only=True)
class Settings:
    storage: StorageSettings
    serving: ServingSettings


def read_settings(data_dir: Path | None = None) -> Settings:
    """From the environment; `data_dir` beats WORKBENCH_DATA_DIR. Raises SettingError."""
    try:
        settings = Settings(storage=StorageSettings(), serving=ServingSettings())
    except ValidationError as error:
        raise SettingError(_sentence(error)) from error
    if data_dir is None:
        return settings
    storage = settings.storage.model_copy(update={"data_dir": data_dir})
    return Settings(storage=storage, serving=settings.serving)


def _sentence(error: ValidationError) -> str:
    wrong = error.errors()[0]
    name = "_".join(str(part) for part in wrong["loc"]).upper()
    return f"The setting WORKBENCH_{name} cannot be used: {wrong['msg']}."


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment for a process of ours that shall work on the same store."""
    return {**os.environ, "WORKBENCH_DATA_DIR": str(settings.storage.folder)}  # noqa: TID251 - this is the reader
