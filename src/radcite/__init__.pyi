from radcite.apps.facade import Radcite as Radcite

__version__: str
__all__ = ["Radcite", "__version__"]
