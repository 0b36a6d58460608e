using Direct.Stress.Options;

namespace Direct.Stress.Tests.Options;

/// <summary>Parses command lines as the program does.</summary>
internal static class CommandLine
{
    /// <summary>Parses options and asserts that they are valid.</summary>
    public static StressOptions Read(params string[] arguments)
    {
        var options = Read(arguments, out var errors);
        Assert.Empty(errors);
        return options!;
    }

    /// <summary>Returns the errors of invalid options.</summary>
    public static IReadOnlyList<string> Errors(params string[] arguments)
    {
        Assert.Null(Read(arguments, out var errors));
        return errors;
    }

    private static StressOptions? Read(string[] arguments, out IReadOnlyList<string> errors)
    {
        var command = new StressCommand();
        return command.Read(command.Root.Parse(arguments), out errors);
    }
}
