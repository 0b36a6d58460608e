namespace Direct.Sessions.Tests.Rights;

/// <summary>Represents one row of the platform's table <c>channel</c>. The lists are texts as the platform writes them.</summary>
internal sealed record PlatformChannel(long Id, long? GroupId)
{
    public string? ReadRoles { get; init; }

    public string? WriteRoles { get; init; }

    public string? ControlRoles { get; init; }

    public string? PlusUsers { get; init; }

    public string? MinusUsers { get; init; }

    public int? Type { get; init; }
}
