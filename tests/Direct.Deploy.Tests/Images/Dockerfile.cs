using System.Text.RegularExpressions;
using Direct.Testing;

namespace Direct.Deploy.Tests.Images;

/// <summary>Represents deploy/Dockerfile as a builder reads it: stages of instructions, with the arguments before the first stage filled in.</summary>
internal sealed partial class Dockerfile
{
    public const string Path = "deploy/Dockerfile";

    private Dockerfile(IReadOnlyList<Stage> stages) => Stages = stages;

    public IReadOnlyList<Stage> Stages { get; }

    public Stage this[string name] => Assert.Single(Stages, stage => stage.Name == name);

    public static Dockerfile Read()
    {
        var arguments = new Dictionary<string, string>();
        var stages = new List<Stage>();
        foreach (var instruction in Instructions(Documents.Read(Path)))
        {
            if (instruction.Word == "FROM")
            {
                var from = From().Match(Fill(instruction.Text, arguments));
                stages.Add(new Stage(from.Groups["base"].Value, from.Groups["name"].Value, []));
            }
            else if (stages.Count == 0)
            {
                var (name, value) = (instruction.Text.Split('=')[0], instruction.Text.Split('=')[1]);
                arguments[name] = value;
            }
            else
            {
                stages[^1].Instructions.Add(instruction);
            }
        }

        return new Dockerfile(stages);
    }

    /// <summary>Returns the instructions of a stage, after those of all its base stages.</summary>
    public IReadOnlyList<Instruction> History(string name)
    {
        var stage = this[name];
        return [.. Stages.Any(other => other.Name == stage.Base) ? History(stage.Base) : [], .. stage.Instructions];
    }

    /// <summary>Returns the external image that a stage is based on.</summary>
    public string Origin(string name)
    {
        var stage = this[name];
        return Stages.Any(other => other.Name == stage.Base) ? Origin(stage.Base) : stage.Base;
    }

    private static IEnumerable<Instruction> Instructions(string text)
    {
        var lines = text.Split('\n').Where(line => line.Length > 0 && !line.StartsWith('#'));
        return string.Join('\n', lines).Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
            .Select(line => line.Split(' ', 2))
            .Select(parts => new Instruction(parts[0], Spaces().Replace(parts[1], " ").Trim()));
    }

    private static string Fill(string text, Dictionary<string, string> arguments) =>
        arguments.Aggregate(text, (filled, argument) => filled.Replace($"${{{argument.Key}}}", argument.Value, StringComparison.Ordinal));

    [GeneratedRegex(@"^(--platform=\S+ )?(?<base>\S+) AS (?<name>\S+)$")]
    private static partial Regex From();

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();

    internal sealed record Stage(string Base, string Name, List<Instruction> Instructions);

    internal sealed record Instruction(string Word, string Text)
    {
        /// <summary>Gets the copied files of a COPY from the checkout.</summary>
        public IEnumerable<string> Sources => IsCopyOfSources ? Text.Split(' ')[..^1] : [];

        /// <summary>Gets the destination of a COPY.</summary>
        public string Destination => Text.Split(' ')[^1];

        public bool IsCopyOfSources => Word == "COPY" && !Text.StartsWith("--from=", StringComparison.Ordinal);
    }
}
