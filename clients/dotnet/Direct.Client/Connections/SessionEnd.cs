namespace Direct.Client;

/// <summary>Represents why a connection to a gateway ended, or could not be opened.</summary>
/// <param name="Code">The close code; null if there was none.</param>
/// <param name="Reason">The text of the close frame, or what broke.</param>
internal sealed record SessionEnd(int? Code, string Reason);
