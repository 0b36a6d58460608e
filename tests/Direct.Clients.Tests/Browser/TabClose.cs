namespace Direct.Clients.Tests.Browser;

/// <summary>Represents the values that a page reads in <c>onclose</c>.</summary>
internal sealed record TabClose
{
    public int Code { get; init; }

    public string Reason { get; init; } = "";

    public bool WasClean { get; init; }
}
