"""What can go wrong with a user's input, each as one typed error that names the next step."""


class GeoasmError(Exception):
    """Root of every error that a user can mend; its text is one line."""


class InputError(GeoasmError):
    """A file or frame cannot be used as it is."""


class SourceNotFound(InputError):
    """No such file, table or layer."""


class UnreadableSource(InputError):
    """The file exists but no reader understands it."""


class EmptySource(InputError):
    """The layer or table has no rows."""


class CRSError(InputError):
    """A coordinate system is missing, contradicted by the coordinates, or not convertible safely."""


class MissingColumn(InputError):
    """A role needs a field that no column of the file supplies."""


class SchemaError(GeoasmError):
    """A frame between two steps breaks its schema; the text lists every fault."""


class ProfileError(GeoasmError):
    """A country profile is wrong; the text names file and key."""


class UnknownProfile(ProfileError):
    """No profile of that name."""


class ParameterUndefined(ProfileError):
    """A law parameter has no value on the day asked for."""


class OptionError(GeoasmError):
    """An option or study file says something that cannot be done."""


class MissingExtra(GeoasmError):
    """A command needs packages of an extra that is not installed; the text names the extra."""


class UnknownService(GeoasmError):
    """No official service of that name; the text lists those that the profiles name."""


class FetchError(GeoasmError):
    """A service cannot be reached or gives nothing usable, or a limit of the download is reached."""


class OutputError(GeoasmError):
    """The target cannot be written."""


class OutputExists(OutputError):
    """The target exists and overwriting was not asked for."""


class RunNotFound(GeoasmError):
    """The folder is not a complete run."""


class UnknownRegistration(GeoasmError):
    """The run has no registration of that code."""


class UnknownHolder(GeoasmError):
    """The run has no holder or group of that name, or several; the text lists the nearest."""


class NotPolygons(GeoasmError):
    """Shapes are lines or points where only polygons have an outline that covers ground."""


class ClusterError(GeoasmError):
    """A scheduler cannot be reached, or its workers cannot do the work; the text says what to do."""


class NotPoints(GeoasmError):
    """Shapes are lines or polygons where only points have one position."""


class BrokenGeometry(InputError):
    """Bytes that should be a geometry are none; the text names the row."""
