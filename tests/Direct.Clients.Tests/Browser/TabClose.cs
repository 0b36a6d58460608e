namespace Direct.Clients.Tests.Browser;

/// <summary>What a page reads from <c>onclose</c>.</summary>
internal sealed record TabClose
{
    public int Code { get; init; }

    public string Reason { get; init; } = "";

    public bool WasClean { get; init; }
}
