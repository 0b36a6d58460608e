namespace Direct.Silo.Tests.Local;

/// <summary>Represents a client of <see cref="BrowserPage"/>, with all connections it has had.</summary>
internal sealed record PageClient(string Location, int[] Streams, PageConnection[] Connections)
{
    public override string ToString() => $"{Location}: {string.Join("; ", (object[])Connections)}";
}
