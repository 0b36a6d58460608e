using Direct.Settings;
using Microsoft.Extensions.DependencyInjection;

namespace Direct.Edge.Topics;

/// <summary>Adds the index of topics.</summary>
internal static class TopicServices
{
    public static IServiceCollection AddDirectTopics(this IServiceCollection services) => services
        .AddDirectOptions<TopicOptions>(TopicOptions.SectionName)
        .AddSingleton<TopicIndex>();
}
