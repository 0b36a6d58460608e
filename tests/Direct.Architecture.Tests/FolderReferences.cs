using Microsoft.CodeAnalysis;

namespace Direct.Architecture.Tests;

/// <summary>
/// Finds the references between the folders of a project: every type and member that the compiler binds to code. They include constants, which the
/// compiled assembly no longer shows, extension methods, attributes, operators, the constructor of <c>new()</c> and the type of <c>var</c>. They also
/// include <c>nameof</c> and the <c>cref</c> of a comment, because a <c>using</c> that only these need looks like any other. Namespaces are not
/// included; the build warns about an unnecessary <c>using</c>.
/// </summary>
internal static class FolderReferences
{
    /// <param name="code">The project. The paths of its syntax trees are relative to its folder.</param>
    public static IEnumerable<FolderReference> Find(Compilation code)
    {
        foreach (var tree in code.SyntaxTrees)
        {
            var model = code.GetSemanticModel(tree);
            var from = FolderOf(tree);
            foreach (var node in tree.GetRoot().DescendantNodes(descendIntoTrivia: true))
            {
                var found = model.GetSymbolInfo(node);
                foreach (var symbol in found.Symbol is { } only ? [only] : found.CandidateSymbols) // nameof(method) has several candidates
                {
                    foreach (var to in DeclaringFolders(symbol).Where(to => to != from))
                    {
                        var line = node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
                        yield return new FolderReference(from, to, $"{tree.FilePath}:{line}", symbol.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat));
                    }
                }
            }
        }
    }

    private static IEnumerable<string> DeclaringFolders(ISymbol symbol)
    {
        var declaration = symbol switch
        {
            IMethodSymbol { ReducedFrom: { } extension } => extension,
            IArrayTypeSymbol array => array.ElementType,
            IAliasSymbol alias => alias.Target,
            _ => symbol,
        };
        if (declaration is not (INamedTypeSymbol or IMethodSymbol or IPropertySymbol or IFieldSymbol or IEventSymbol))
        {
            return [];
        }

        // A member that the compiler adds to a type, such as a constructor, is declared where the type is.
        declaration = declaration.OriginalDefinition;
        while (declaration.DeclaringSyntaxReferences.IsEmpty && declaration.ContainingType is { } type)
        {
            declaration = type;
        }

        return declaration.DeclaringSyntaxReferences.Select(reference => FolderOf(reference.SyntaxTree)).Distinct();
    }

    private static string FolderOf(SyntaxTree tree) => Path.GetDirectoryName(tree.FilePath) is { Length: > 0 } folder ? folder : ".";
}
