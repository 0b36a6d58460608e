namespace Direct.Testing.Processes;

/// <summary>Specifies how a node is started.</summary>
public sealed record NodeOptions
{
    /// <summary>Gets the project and assembly to run; its folder is in the root.</summary>
    public string AssemblyName { get; init; } = "Direct.Gateway";

    /// <summary>Gets a whole command instead of the host with that assembly, the arguments are added to it.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>
    /// Gets the <c>key=value</c> arguments. A key given here replaces the default of that name (<c>port</c>, <c>env</c>,
    /// <c>Direct:Endpoints:Address</c> and <see cref="NodeProcess.DefaultArguments"/>); <c>key=</c> with nothing after it takes the default away.
    /// </summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Gets environment variables in addition to the inherited ones.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the folder it runs in, where it looks for a settings file; that of its assembly when null.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Gets whether its output is not read before <see cref="NodeProcess.ReadOutput"/> is called.</summary>
    public bool LeavesOutputUnread { get; init; }

    /// <summary>Gets the number of file descriptors that the process may open; the machine's limit if null.</summary>
    public int? DescriptorLimit { get; init; }

    /// <summary>Gets the control group it runs in; that of the test when null.</summary>
    public MemoryGroup? MemoryGroup { get; init; }

    /// <summary>Gets what is asked until it answers 200; <c>/readyz</c> of the plain port when null.</summary>
    public Uri? ReadyUri { get; init; }

    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
