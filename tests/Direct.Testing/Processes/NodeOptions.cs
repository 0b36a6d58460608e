namespace Direct.Testing.Processes;

/// <summary>Specifies how a node is started.</summary>
public sealed record NodeOptions
{
    /// <summary>Gets the assembly to run. Its project folder in the root of the checkout has the same name.</summary>
    public string AssemblyName { get; init; } = "Direct.Gateway";

    /// <summary>Gets a command that replaces the host and the assembly; the arguments are appended to it.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>
    /// Gets the <c>key=value</c> arguments. A key given here replaces the default of that name (<c>port</c>, <c>env</c>,
    /// <c>Direct:Endpoints:Address</c> and <see cref="NodeProcess.DefaultArguments"/>); <c>key=</c> without a value removes the default.
    /// </summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Gets environment variables in addition to the inherited ones.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the working directory, where the node looks for a settings file; that of its assembly when null.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Gets whether the output of the node stays unread until <see cref="NodeProcess.ReadOutput"/> is called.</summary>
    public bool LeavesOutputUnread { get; init; }

    /// <summary>Gets the number of file descriptors that the process may open; the limit of the machine when null.</summary>
    public int? DescriptorLimit { get; init; }

    /// <summary>Gets the control group of the process; that of the test when null.</summary>
    public MemoryGroup? MemoryGroup { get; init; }

    /// <summary>Gets the address that is polled until it answers 200; <c>/readyz</c> of the plain port when null.</summary>
    public Uri? ReadyUri { get; init; }

    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
